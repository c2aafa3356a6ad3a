import { mount, type Component } from 'svelte';
import App from './App.svelte';
import { askEarly } from './early';
import { meetNewWorker } from './offline/version';
import './ui/tokens.css';
import './ui/components.css';
import './ui/pages.css';

export type ReaderPage = Component<{ bookId: string }>;

let started = false;

/** Starts the app, once. The page of the reader brings it along, so that nothing waits for it; elsewhere it is loaded when it is opened. */
export function start(reader: ReaderPage | null): void {
  if (started) return;
  started = true;
  askEarly(location.pathname);
  const target = document.getElementById('app');
  if (!target) throw new Error('The page has no #app.');
  mount(App, { target, props: { reader } });
  void meetNewWorker(new URL(import.meta.url).pathname);
}
