import { expect, it } from 'vitest';
import { asking } from './asking';

it('takes the answer to the last question only', () => {
  const ask = asking();
  const [first, second] = [ask(), ask()];
  expect(first.last()).toBe(false);
  expect(second.last()).toBe(true);
});

it('takes news in their order, and nothing older', () => {
  const ask = asking();
  const [first, second, third] = [ask(), ask(), ask()];
  expect(first.news()).toBe(true);
  expect(third.news()).toBe(true);
  expect(second.news()).toBe(false);
  expect(third.news()).toBe(true);
});

it('keeps questions of one asker from those of another', () => {
  const [here, there] = [asking(), asking()];
  const old = here();
  there().news();
  expect(old.last()).toBe(true);
});
