import { defineConfig } from 'vite';

// `npm run dev` serves the page with what `make run` answers behind it.
const API = process.env.API ?? 'http://127.0.0.1:9000';

export default defineConfig({
  build: {
    outDir: '../built',
    emptyOutDir: true,
    target: 'es2022',
    // Both would need what the Content-Security-Policy forbids, or what every browser has by now.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/ocs': API, '/status.php': API, '/spreed': { target: API, ws: true } } },
});
