/** Tells a worker of another version, now or when it comes, which file this page began with: if it is its own, it need not wait. */
export async function meetNewWorker(file: string): Promise<void> {
  if (!navigator.serviceWorker?.controller) return;
  const registration = await navigator.serviceWorker.getRegistration();
  const tell = (): void => registration?.waiting?.postMessage(file);
  tell();
  registration?.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', tell));
}
