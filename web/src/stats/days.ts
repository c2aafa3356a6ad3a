import type { Statistics } from '../api';

export type Day = { date: string; minutes: number };

/** The last `count` days up to today, oldest first, also those without reading. */
export function lastDays(statistics: Pick<Statistics, 'days' | 'today'>, count: number): readonly Day[] {
  const minutes = new Map(statistics.days.map((day) => [day.date, day.minutes]));
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(`${statistics.today}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() - (count - 1 - index));
    const key = date.toISOString().slice(0, 10);
    return { date: key, minutes: minutes.get(key) ?? 0 };
  });
}

export const sum = (days: readonly Day[]): number => days.reduce((total, day) => total + day.minutes, 0);
