/** Why nothing can be kept here; null where it can. Browsers lend room and a worker to safe addresses only. */
export function barrier(): 'insecure' | 'unsupported' | null {
  if (!isSecureContext) return 'insecure';
  return 'serviceWorker' in navigator && 'caches' in globalThis ? null : 'unsupported';
}
