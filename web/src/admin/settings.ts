import type { Setting } from '../api';
import type { Locale } from '../i18n';

/** The documentation's words for the settings, in Russian; a setting that is new here keeps the server's English. */
const RU: Partial<Record<string, string>> = {
  HOST: 'Адрес, на котором слушает веб-сервер.',
  PORT: 'Порт, на котором слушает веб-сервер; 0 выбирает свободный.',
  PUBLIC_URL: 'Адрес, который набирают читатели, если впереди стоит прокси.',
  DATA_DIR: 'Папка книг, картинок и базы данных.',
  DATABASE_URL: 'Сервер PostgreSQL (15 или новее) вместо встроенного.',
  CLUSTER_DIR: 'Папка кластера встроенного сервера.',
  PG_BINDIR: 'Папка с initdb и postgres для встроенного сервера.',
  DATABASE_POOL: 'Сколько соединений с базой данных держит один процесс.',
  STORAGE_URL: 's3://хранилище/начало, чтобы файлы лежали там, а не в папке данных.',
  BACKUP_DIR: 'Папка резервных копий; обычно backups в папке данных.',
  BACKUPS_KEPT: 'Сколько еженедельных копий хранится.',
  WATCH_DIR: 'Папка, новые книги из которой получает первый администратор.',
  UPLOAD_LIMIT_MB: 'Самый большой файл книги, который принимается, в мегабайтах.',
  PARSER_MEMORY_MB: 'Память одного процесса чтения книг, в мегабайтах.',
  PARSER_SECONDS: 'Сколько самое большее может читаться одна книга, в секундах.',
  WORKER: 'Работает ли внутри `serve` работник для долгих заданий.',
  WORKER_JOBS: 'Сколько заданий один работник делает одновременно.',
  LEASE_SECONDS: 'Сколько секунд работник может молчать, прежде чем его задания возьмёт другой.',
  PLATES_PER_BOOK: 'Сколько своих рисунков делается для новой книги само собой.',
  PRIVATE_HOSTS: 'Адреса частных сетей, к которым можно обращаться: узел или узел:порт, через запятую.',
  POLLINATIONS_KEY: 'Секретный ключ (sk_) Pollinations: включает эту службу.',
  POLLINATIONS_URL: 'Адрес шлюза Pollinations.',
  POLLINATIONS_MODEL: 'Модель, которой рисует Pollinations.',
  OPENAI_KEY: 'Ключ OpenAI или совместимой службы: включает openai_dalle.',
  OPENAI_URL: 'Адрес OpenAI или совместимой службы.',
  OPENAI_IMAGE_MODEL: 'Модель, которой рисует openai_dalle.',
  OPENAI_IMAGE_QUALITY: 'Качество рисунков GPT; от low к high дороже.',
  STABLE_DIFFUSION_URL: 'Адрес сервера с API AUTOMATIC1111: включает stable_diffusion.',
  STABLE_DIFFUSION_LOGIN: 'пользователь:пароль этого сервера, если они нужны.',
  STABLE_DIFFUSION_MODEL: 'Модель, которой там рисовать; иначе та, что загружена.',
  STABLE_DIFFUSION_STEPS: 'Число шагов рисования там.',
  STABLE_DIFFUSION_MEGAPIXELS: 'Размер его картинок: 0,25 для моделей на 512 пикселей, 1 для моделей на 1024.',
  MIDJOURNEY_URL: 'Адрес midjourney-proxy: включает midjourney.',
  MIDJOURNEY_KEY: 'Секрет этого прокси (mj-api-secret).',
  MIDJOURNEY_PAUSE: 'Сколько секунд между двумя взглядами на картинку в работе.',
  PICTURE_SECONDS: 'Сколько самое большее может рисовать служба, в секундах.',
  PICTURE_LIMIT_MB: 'Самая большая картинка, которая принимается, в мегабайтах.',
  PICTURE_MEGAPIXELS: 'Сколько самое большее пикселей в картинке, в миллионах.',
  SIGN_IN_DAYS: 'Через сколько дней кончается неиспользуемый вход.',
  REGISTRATION: 'Можно ли регистрироваться; первой записи можно всегда, и она управляет.',
  DEFAULT_PLAN: 'Тариф новой учётной записи.',
  FREE_BOOKS: 'Сколько книг разрешает тариф FREE.',
  FREE_IMAGES: 'Сколько картинок в месяц разрешает тариф FREE.',
  PREMIUM_BOOKS: 'Сколько книг разрешает тариф PREMIUM.',
  PREMIUM_IMAGES: 'Сколько картинок в месяц разрешает тариф PREMIUM.',
  DELETED_BOOK_DAYS: 'Сколько дней удалённую книгу можно вернуть.',
  IDLE_MINUTES: 'Через сколько минут без перелистывания кончается сеанс чтения.',
  LOG_LEVEL: 'Сколько записывается в журнал.',
  LOG_JSON: 'Записывать ли строки журнала объектами JSON.',
};

/** What a setting is for, and in which language that is said. */
export function meaning(setting: Setting, language: Locale): { text: string; lang: Locale } {
  const told = language === 'ru' ? RU[setting.name.replace('BOOKREADER_', '')] : undefined;
  return told === undefined ? { text: setting.description, lang: 'en' } : { text: told, lang: 'ru' };
}
