import { start } from './start';

start(null);
