/** On an answer that comes from this device, as offline/worker.ts gives it: when the server gave it. */
export const KEPT_AT = 'X-Kept-At';
