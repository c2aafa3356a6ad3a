import { catalogue, type Values } from '../i18n';
import { money } from './services';

/** Why there is no picture, or why it cannot be ordered: the server's code with the values of its sentence. */
export type Reason = { code: string; values?: Values };

const en = {
  picture_moderated: '{service} refused to draw this. Change the words, or draw a plate instead.',
  picture_moderated_said: '{service} refused to draw this: “{said}”. Change the words, or draw a plate instead.',
  picture_nothing_came: '{service} sent no picture and no reason, as services do when they refuse. Change the words and try again.',
  picture_rate_limited: { one: '{service} asks us to wait {n} second.', other: '{service} asks us to wait {n} seconds.' },
  picture_auth: '{service} does not accept our key. An administrator has to set a valid one.',
  picture_quota: 'The credit at {service} is used up. An administrator has to top it up; a plate costs nothing.',
  picture_bad_request: '{service} could not be used as it is set up. An administrator has to look at its address and model.',
  picture_bad_request_said: '{service} could not be used as it is set up: “{said}”. An administrator has to look at its address and model.',
  picture_unavailable: '{service} does not work right now. Try again later.',
  picture_unavailable_said: '{service} does not work right now: “{said}”. Try again later.',
  picture_timeout: '{service} took too long. Try again later, or draw a plate instead.',
  picture_no_picture: 'What {service} sent is no picture. Try again, change the words, or draw a plate instead.',
  picture_broken: 'The picture of {service} arrived incomplete or broken. Try again, or draw a plate instead.',
  picture_too_large: 'The picture of {service} has more pixels than are accepted here. Change the words, or draw a plate instead.',
  picture_too_small: 'The picture of {service} is too small to show anything. Change the words, or draw a plate instead.',
  picture_wrong_shape: 'The picture of {service} is a mere strip. Change the words, or draw a plate instead.',
  picture_blank: '{service} sent an empty picture, as it may do when it hides what it drew. Change the words, or draw a plate instead.',
  picture_placeholder: '{service} sent the same picture for different passages, which is none. Try again later, or draw a plate.',
  picture_service_gone: '{service} is not set up here any more, or was switched off. Choose another service, or draw a plate.',
  picture_given_up: 'Drawing this picture broke off again and again, so it was given up. Order it anew, or draw a plate.',
  picture_stopped: 'Drawing this picture was stopped before it was finished. Order it anew when you want it.',
  outside_unreachable: '{service} cannot be reached. Try again later, or draw a plate instead.',
  outside_too_large: '{service} sent more than is accepted here. Try again, or draw a plate instead.',
  address_refused: 'The address of {service} is none that may be called from here. An administrator has to look at it and at BOOKREADER_PRIVATE_HOSTS.',
  storage_full: 'The disk of this server is full, so no picture can be kept. Its owner has to free some space.',
  quota_exceeded: { one: 'Your plan allows {n} picture a month; {left} of it is left, and this takes {wanted}. Ask for fewer, take offline plates, which are free, or ask the administrator for another plan.', other: 'Your plan allows {n} pictures a month; {left} are left, and this takes {wanted}. Ask for fewer, take offline plates, which are free, or ask the administrator for another plan.' },
  budget_exceeded: 'This costs about {wanted}. The budget is {budget} {which}, of which {used} is used. Ask for fewer pictures, or let the administrator raise it; offline plates cost nothing.',
  budget_picture: 'One picture costs about {wanted}, and {budget} is allowed. Choose another service, or let the administrator raise it; offline plates cost nothing.',
  person_day: 'a day for each reader',
  person_month: 'a month for each reader',
  book: 'for one book',
  site_day: 'a day for everyone together',
};

const ru: Record<keyof typeof en, string | { one: string; few: string; many: string; other: string }> = {
  picture_moderated: '{service}: рисовать это отказались. Измените слова или возьмите гравюру.',
  picture_moderated_said: '{service}: рисовать это отказались, ответ: «{said}». Измените слова или возьмите гравюру.',
  picture_nothing_came: '{service}: ни картинки, ни объяснения; так бывает при отказе. Измените слова и попробуйте ещё раз.',
  picture_rate_limited: { one: '{service}: просят подождать {n} секунду.', few: '{service}: просят подождать {n} секунды.', many: '{service}: просят подождать {n} секунд.', other: '{service}: просят подождать {n} секунды.' },
  picture_auth: '{service}: ключ этого сервера не принят. Администратору нужно задать верный.',
  picture_quota: '{service}: деньги на счёте кончились. Администратору нужно его пополнить; гравюра бесплатна.',
  picture_bad_request: '{service}: служба настроена неверно. Администратору нужно проверить её адрес и модель.',
  picture_bad_request_said: '{service}: служба настроена неверно, ответ: «{said}». Администратору нужно проверить её адрес и модель.',
  picture_unavailable: '{service}: служба сейчас не работает. Попробуйте позже.',
  picture_unavailable_said: '{service}: служба сейчас не работает, ответ: «{said}». Попробуйте позже.',
  picture_timeout: '{service}: ответ идёт слишком долго. Попробуйте позже или возьмите гравюру.',
  picture_no_picture: '{service}: пришла не картинка. Попробуйте ещё раз, измените слова или возьмите гравюру.',
  picture_broken: '{service}: картинка пришла не целиком или испорченной. Попробуйте ещё раз или возьмите гравюру.',
  picture_too_large: '{service}: картинка больше, чем здесь принимают. Измените слова или возьмите гравюру.',
  picture_too_small: '{service}: картинка так мала, что на ней ничего не видно. Измените слова или возьмите гравюру.',
  picture_wrong_shape: '{service}: вместо картинки пришла узкая полоска. Измените слова или возьмите гравюру.',
  picture_blank: '{service}: картинка пустая; так бывает, когда нарисованное прячут. Измените слова или возьмите гравюру.',
  picture_placeholder: '{service}: к разным местам пришла одна и та же картинка, то есть никакая. Попробуйте позже или возьмите гравюру.',
  picture_service_gone: '{service}: службу здесь отключили. Выберите другую или возьмите гравюру.',
  picture_given_up: 'Рисование обрывалось раз за разом, и его пришлось оставить. Закажите картинку заново или возьмите гравюру.',
  picture_stopped: 'Рисование прервали, не закончив. Закажите картинку заново, когда захотите.',
  outside_unreachable: '{service}: служба недоступна. Попробуйте позже или возьмите гравюру.',
  outside_too_large: '{service}: ответ больше, чем здесь принимают. Попробуйте ещё раз или возьмите гравюру.',
  address_refused: '{service}: по этому адресу отсюда обращаться нельзя. Администратору нужно проверить его и BOOKREADER_PRIVATE_HOSTS.',
  storage_full: 'Диск этого сервера заполнен, и картинку не сохранить. Владельцу нужно освободить место.',
  quota_exceeded: { one: 'Тариф позволяет {n} картинку в месяц; осталось {left}, а нужно {wanted}. Возьмите меньше, выберите гравюры, они бесплатны, или попросите администратора о другом тарифе.', few: 'Тариф позволяет {n} картинки в месяц; осталось {left}, а нужно {wanted}. Возьмите меньше, выберите гравюры, они бесплатны, или попросите администратора о другом тарифе.', many: 'Тариф позволяет {n} картинок в месяц; осталось {left}, а нужно {wanted}. Возьмите меньше, выберите гравюры, они бесплатны, или попросите администратора о другом тарифе.', other: 'Тариф позволяет {n} картинки в месяц; осталось {left}, а нужно {wanted}. Возьмите меньше, выберите гравюры, они бесплатны, или попросите администратора о другом тарифе.' },
  budget_exceeded: 'Это стоит около {wanted}. Бюджет {which}: {budget}, из них израсходовано {used}. Возьмите меньше картинок или попросите администратора поднять бюджет; гравюры бесплатны.',
  budget_picture: 'Одна картинка стоит около {wanted}, а разрешено {budget}. Выберите другую службу или попросите администратора поднять предел; гравюры бесплатны.',
  person_day: 'на день для каждого читателя',
  person_month: 'на месяц для каждого читателя',
  book: 'на одну книгу',
  site_day: 'на день для всех вместе',
};

type Code = keyof typeof en;
const t = catalogue<Code>({ en, ru });
const isCode = (code: string): code is Code => code in en;

/** The sentence of a reason in the reader's language; what the server said where its code is new to us or missing. */
export function why(reason: Reason | null | undefined, told: string | null | undefined, otherwise = ''): string {
  if (!reason || !isCode(reason.code)) return told ?? otherwise;
  const { values = {} } = reason;
  if (reason.code === 'picture_rate_limited' && !values.seconds) return told ?? otherwise;
  const said = `${reason.code}_said`;
  if (values.said && isCode(said)) return t(said, { ...values, said: String(values.said).replace(/[.\s]+$/, '') });
  if (reason.code === 'budget_exceeded') return t(values.which === 'picture' ? 'budget_picture' : reason.code, budget(values));
  return t(reason.code, { ...values, n: Number(values.seconds ?? values.limit ?? 0) });
}

function budget(values: Values): Values {
  const which = String(values.which ?? '');
  return { wanted: price(values.wanted), budget: price(values.budget), used: price(values.used), which: isCode(which) ? t(which) : '' };
}

const price = (value: unknown): string => money(Number(value));
