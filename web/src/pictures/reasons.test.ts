import { expect, test, vi } from 'vitest';
import { setLocale } from '../i18n';
import { why } from './reasons';

vi.stubGlobal('document', { documentElement: {} });
vi.stubGlobal('localStorage', { setItem: () => undefined, getItem: () => null });

const quota = { code: 'quota_exceeded', values: { limit: 50, left: 2, wanted: 7 } };
const budget = { code: 'budget_exceeded', values: { which: 'book', budget: '0.20', used: '0', wanted: '0.63' } };

test('a reason is told in the language of the reader', () => {
  setLocale('ru');
  expect(why({ code: 'picture_auth', values: { service: 'OpenAI' } }, 'English.')).toBe('OpenAI: ключ этого сервера не принят. Администратору нужно задать верный.');
  expect(why(quota, 'English.')).toContain('50 картинок в месяц; осталось 2, а нужно 7');
  expect(why(budget, 'English.')).toMatch(/около 0,63.\$\. Бюджет на одну книгу: 0,20.\$, из них израсходовано 0,00.\$/);
  const one = { code: 'budget_exceeded', values: { which: 'picture', budget: '0.02', used: '0', wanted: '0.19' } };
  expect(why(one, 'English.')).toMatch(/^Одна картинка стоит около 0,19.\$, а разрешено 0,02.\$\. Выберите другую службу/);
  setLocale('en');
  expect(why({ code: 'picture_moderated', values: { service: 'Pollinations', said: 'Content was filtered.' } }, '')).toContain('“Content was filtered”. Change');
  expect(why({ code: 'picture_rate_limited', values: { service: 'OpenAI', seconds: 1 } }, '')).toContain('wait 1 second.');
});

test('what the server said stands where its code is new or missing', () => {
  expect(why({ code: 'picture_of_tomorrow' }, 'A new sentence.')).toBe('A new sentence.');
  expect(why(null, 'An old sentence.')).toBe('An old sentence.');
  expect(why(null, null, 'Ours.')).toBe('Ours.');
});
