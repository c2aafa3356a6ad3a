import type { Spending } from '../api';

export type DaySpent = { day: string; spent: number };

/** The days up to today, oldest first, also those without spending; of one service, or of all together. */
export function daysOf(spending: Spending, service: string | null): readonly DaySpent[] {
  return Array.from({ length: spending.days }, (_, index) => {
    const date = new Date(`${spending.today}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() - (spending.days - 1 - index));
    const day = date.toISOString().slice(0, 10);
    return { day, spent: total(spending, 'spent', service, day) };
  });
}

/** The sum of what was spent, or is reserved; of one service and one day where they are given. */
export function total(spending: Spending, what: 'spent' | 'reserved' | 'pictures', service: string | null = null, day: string | null = null): number {
  return spending.items
    .filter((item) => (service === null || item.service === service) && (day === null || item.day === day))
    .reduce((sum, item) => sum + Number(item[what]), 0);
}

/** The services that cost something, the dearest first. */
export function payees(spending: Spending): readonly Spending['items'][number]['service'][] {
  const services = [...new Set(spending.items.map((item) => item.service))];
  return services.sort((one, other) => total(spending, 'spent', other) - total(spending, 'spent', one));
}
