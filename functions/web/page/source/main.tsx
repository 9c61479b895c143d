// Starts the page.

import '@preact/signals';
import { render } from 'preact';
import { refresh } from './api/login';
import { speak } from './text';
import { App } from './views/App';

await speak().catch(() => {});
render(<App />, document.getElementById('page')!);
void refresh();
