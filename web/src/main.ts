import { mount } from 'svelte';
import App from './App.svelte';
import { askEarly } from './early';
import { meetNewWorker } from './offline/version';
import './ui/tokens.css';
import './ui/components.css';
import './ui/pages.css';

askEarly(location.pathname);
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(App, { target });
void meetNewWorker(new URL(import.meta.url).pathname);
