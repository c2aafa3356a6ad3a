import type { PictureRules, ServiceState } from '../api';

type Service = ServiceState['service'];

/** The order with one service moved up (-1) or down (1). */
export function moved(order: readonly Service[], service: Service, by: -1 | 1): Service[] {
  const found = [...order];
  const from = found.indexOf(service);
  const to = Math.min(found.length - 1, Math.max(0, from + by));
  found.splice(to, 0, ...found.splice(from, 1));
  return found;
}

/** The rules with one service switched on or off. */
export function switched(rules: PictureRules, service: Service, on: boolean): PictureRules {
  const others = rules.disabled.filter((each) => each !== service);
  return { ...rules, disabled: on ? others : [...others, service] };
}

/** The rules with another price for a service; null takes our estimate again. */
export function priced(rules: PictureRules, service: Service, price: string | null): PictureRules {
  const others = Object.entries(rules.prices ?? {}).filter(([name]) => name !== service);
  return { ...rules, prices: Object.fromEntries(price === null ? others : [...others, [service, price]]) };
}

/** What was typed as an amount of dollars: null for nothing, undefined for what is no amount. */
export function amount(typed: string): string | null | undefined {
  const text = typed.trim().replace(',', '.');
  if (text === '') return null;
  return /^\d{1,5}(\.\d{1,4})?$/.test(text) ? text : undefined;
}
