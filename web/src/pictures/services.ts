import { catalogue, locale } from '../i18n';

const t = catalogue({
  en: { plate: 'This server' },
  ru: { plate: 'Этот сервер' },
});

const NAMES: Readonly<Record<string, string>> = {
  pollinations: 'Pollinations',
  openai_dalle: 'OpenAI',
  stable_diffusion: 'Stable Diffusion',
  midjourney: 'Midjourney',
};

export const PLATE = 'plate';

/** A service as people know it; a new one by its own code. */
export const serviceName = (service: string): string => (service === PLATE ? t('plate') : (NAMES[service] ?? service));

/** US dollars as the reader's language writes them; what is less than a cent keeps its digits. */
export function money(price: string | number): string {
  const value = Number(price);
  const digits = value > 0 && value < 0.01 ? 4 : 2;
  return new Intl.NumberFormat(locale(), { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: 2, maximumFractionDigits: digits }).format(value);
}
