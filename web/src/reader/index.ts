import { start } from '../start';
import Reader from './Reader.svelte';

// Part of this file, so that what the two share is not a third one on the way to the first page.
export { sendWaiting } from './outbox';
export default Reader;

// The page of the reader runs this file first; everywhere else the app is there already.
start(Reader);
