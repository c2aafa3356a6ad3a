import { Problem } from '../api';
import { catalogue } from '../i18n';

const en = {
  offline: 'The server cannot be reached. Check the connection and try again.',
  unknown: 'Something went wrong. Try again.',
  unsupported_format: 'This is neither EPUB nor FB2, whatever its name says. Nothing was kept. Convert it first, then add it again.',
  broken_archive: 'The file is damaged or incomplete, as after a download that stopped. Nothing was kept. Fetch it again.',
  invalid_publication: 'There is no readable book in this file. Nothing was kept. Look for another copy.',
  protected: 'This file is locked by its seller (DRM) or with a password, so its text cannot be read here. Nothing was kept. A copy without the lock will work.',
  too_large: 'This file is larger than this server takes, or unpacks into more than any book holds. Nothing was kept.',
  empty: 'There is nothing to read in this file. Nothing was kept. Fetch it again.',
  duplicate_book: 'This book is on your shelf already.',
  no_such_book: 'There is no such book on your shelf.',
  not_ready: 'This is still being prepared. Try again in a moment.',
  service_not_configured: 'This picture service is not set up here.',
  quota_exceeded: 'Your plan holds no more than this. Remove something, or ask the owner of this server for more.',
  not_signed_in: 'You are not signed in (any more). Sign in to go on.',
  wrong_credentials: 'The e-mail address or the password is not right.',
  wrong_password: 'The current password is not right.',
  link_expired: 'This link was used already or is too old. Ask the owner of this server for a new one.',
  email_taken: 'There is an account for this address already. Sign in instead.',
  registration_closed: 'The owner of this server makes the accounts here. Ask for one.',
  bad_origin: 'This page was opened at another address than the server knows. Open it at its own address and try again.',
  forbidden: 'You are signed in, but this is not open to you.',
  too_many_requests: 'That was too much at once. Wait a minute and try again.',
  not_found: 'There is nothing at this address.',
  conflict: 'This was changed meanwhile. Load the page again.',
  internal_error: 'Something went wrong on the server. It was written down there; try again.',
  database_unavailable: 'The server’s database does not answer. Nothing was lost; try again in a moment.',
  database_busy: 'The server is busy. Nothing was lost; try again in a moment.',
  disk_full: 'The server’s disk is full, so nothing new can be kept. Its owner has to free some space.',
  storage_full: 'The server’s disk is full, so this book was not kept. Its owner has to free some space.',
  file_missing: 'The file of this book is gone from the server. Its owner can bring it back from a copy.',
  unavailable: 'A part of the server does not answer. Try again in a moment.',
};

type Code = keyof typeof en;

const ru: Record<Code, string> = {
  offline: 'Сервер недоступен. Проверьте соединение и попробуйте ещё раз.',
  unknown: 'Что-то пошло не так. Попробуйте ещё раз.',
  unsupported_format: 'Это не EPUB и не FB2, как бы файл ни назывался. Ничего не сохранено. Преобразуйте его и добавьте снова.',
  broken_archive: 'Файл повреждён или скачан не до конца. Ничего не сохранено. Скачайте его ещё раз.',
  invalid_publication: 'В этом файле нет книги, которую можно прочитать. Ничего не сохранено. Поищите другой экземпляр.',
  protected: 'Файл закрыт продавцом (DRM) или паролем, и его текст здесь не прочитать. Ничего не сохранено. Подойдёт экземпляр без защиты.',
  too_large: 'Файл больше, чем принимает этот сервер, или распаковывается во что-то больше любой книги. Ничего не сохранено.',
  empty: 'В этом файле нечего читать. Ничего не сохранено. Скачайте его ещё раз.',
  duplicate_book: 'Эта книга уже стоит на вашей полке.',
  no_such_book: 'Такой книги на вашей полке нет.',
  not_ready: 'Это ещё готовится. Попробуйте чуть позже.',
  service_not_configured: 'Эта служба иллюстраций здесь не настроена.',
  quota_exceeded: 'Больше ваш тариф не вмещает. Уберите что-нибудь или попросите владельца сервера о большем.',
  not_signed_in: 'Вы не вошли или сеанс закончился. Войдите, чтобы продолжить.',
  wrong_credentials: 'Адрес почты или пароль не подходит.',
  wrong_password: 'Текущий пароль не подходит.',
  link_expired: 'Эта ссылка уже использована или устарела. Попросите у владельца сервера новую.',
  email_taken: 'Для этого адреса уже есть учётная запись. Войдите в неё.',
  registration_closed: 'Учётные записи здесь заводит владелец сервера. Попросите его.',
  bad_origin: 'Страница открыта не по тому адресу, который знает сервер. Откройте её по его адресу и попробуйте снова.',
  forbidden: 'Вы вошли, но это вам не открыто.',
  too_many_requests: 'Слишком много за один раз. Подождите минуту и попробуйте снова.',
  not_found: 'По этому адресу ничего нет.',
  conflict: 'Тем временем это изменилось. Загрузите страницу заново.',
  internal_error: 'На сервере что-то пошло не так. Он это записал; попробуйте ещё раз.',
  database_unavailable: 'База данных сервера не отвечает. Ничего не потеряно; попробуйте чуть позже.',
  database_busy: 'Сервер занят. Ничего не потеряно; попробуйте чуть позже.',
  disk_full: 'Диск сервера заполнен, и сохранить новое нельзя. Владельцу нужно освободить место.',
  storage_full: 'Диск сервера заполнен, и книга не сохранена. Владельцу нужно освободить место.',
  file_missing: 'Файла этой книги на сервере больше нет. Владелец может вернуть его из копии.',
  unavailable: 'Часть сервера не отвечает. Попробуйте чуть позже.',
};

const t = catalogue({ en, ru });

/** What happened and what to do, in the reader's language. The server's own sentence where the code is new to us. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return t('unknown');
  return sentence(error.code, error.message);
}

/** The sentence of a code. Fields that are wrong come as the server's words, which name the field. */
export function sentence(code: string, told: string): string {
  if (code in en) return t(code as Code);
  return told || t('unknown');
}
