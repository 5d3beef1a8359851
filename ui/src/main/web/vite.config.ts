import { defineConfig, type Plugin } from 'vite';

// The server the pages talk to while they are being worked on: `NARTHEX_URL=http://127.0.0.1:9393 npm run dev`.
declare const process: { env: Record<string, string | undefined> };
const server = process.env['NARTHEX_URL'] ?? 'http://127.0.0.1:9090';

/** Stands in for the server, which writes its own facts into index.html: see src/server/page.ts. */
function placeholders(): Plugin {
  const facts: Record<string, string> = {
    TITLE_PLACEHOLDER: 'Narthex',
    READY_PLACEHOLDER: 'true',
    CONSOLES_LINK_PLACEHOLDER: '',
    AGENT_MODE_PLACEHOLDER: 'false',
    LOOKBACKDELTA_PLACEHOLDER: '5m',
  };
  return {
    name: 'placeholders',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace(/[A-Z_]+_PLACEHOLDER/g, (name) => facts[name] ?? name),
  };
}

const proxy = { '/api': server, '/-/': server, '/metrics': server };

export default defineConfig({
  // Relative addresses: the same files work under any --web.route-prefix and behind any reverse proxy.
  base: './',
  plugins: [placeholders()],
  build: {
    outDir: '../../../target/classes/ui',
    emptyOutDir: true,
    target: 'es2022',
    // Everything is served from the same machine that answers the queries: one file beats a dozen round trips.
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      // Mantine marks its files for server-side rendering, which there is none of here.
      checks: { moduleLevelDirective: false },
    },
    license: { fileName: 'assets/licenses.md' },
  },
  server: { proxy, host: '127.0.0.1' },
  preview: { proxy, host: '127.0.0.1' },
});
