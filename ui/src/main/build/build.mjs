/**
 * Builds and tests the web app for Maven: `node build.mjs build|test <module directory> [skip tests]...`.
 *
 * Each step leaves a stamp under target/ with the fingerprint of what went into it and does nothing while that
 * has not changed: most builds of the house do not touch the app and should not wait for it. `mvn clean` removes
 * the stamps. The packages stay in src/main/web/node_modules, where editors look for them too; they are
 * installed anew only when the lock file has changed.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [step, moduleDirectory, ...skips] = process.argv.slice(2);
if ((step !== 'build' && step !== 'test') || moduleDirectory === undefined) fail('usage: node build.mjs build|test <module directory> [skip tests]...');

const OLDEST_NODE = [20, 19];
const web = path.join(moduleDirectory, 'src', 'main', 'web');
const modules = path.join(web, 'node_modules');
const target = path.join(moduleDirectory, 'target');
const built = path.join(target, 'classes', 'ui');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  fail(`Node ${OLDEST_NODE.join('.')} or later builds the web app, and this is ${process.versions.node}: install it, or leave the app out with -Dui.skip`);
}

const sources = fingerprint(web);
if (step === 'build') {
  install();
  // The output carries the names of its own files, so a half-removed directory is noticed.
  once('build', sources, () => existsSync(path.join(built, 'index.html')) && existsSync(path.join(built, 'assets')), () => {
    tool('typescript', 'bin/tsc', ['--noEmit']);
    tool('vite', 'bin/vite.js', ['build', '--logLevel', 'warn', '--outDir', built]);
  });
} else if (!skips.includes('true')) {
  once('test', sources, () => true, () => tool('vitest', 'vitest.mjs', ['run']));
}

/** Runs `work` unless the stamp says that it has been done with the same sources and `intact` finds its outcome. */
function once(name, wanted, intact, work) {
  const stamp = path.join(target, `ui-${name}.stamp`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && intact()) return;
  work();
  mkdirSync(target, { recursive: true });
  writeFileSync(stamp, wanted);
}

function install() {
  const stamp = path.join(modules, '.narthex-lock');
  const wanted = createHash('sha256').update(readFileSync(path.join(web, 'package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('ui: installing the packages of the web app');
  // No package needs a script of its own to run, so none gets to run one.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], process.platform === 'win32');
  writeFileSync(stamp, wanted);
}

/** A package's own program, started by this Node: without a shell, and without npm's second to start up. */
function tool(packageName, program, args) {
  run(process.execPath, [path.join(modules, packageName, program), ...args], false);
}

function run(command, args, shell) {
  const { status, error } = spawnSync(command, args, { cwd: web, stdio: 'inherit', shell });
  if (error) fail(`${command} could not be started (${error.message}): install npm, or leave the app out with -Dui.skip`);
  if (status !== 0) fail(`${[path.basename(command), ...args].join(' ')} failed`);
}

/** Of all files that go into the app: their names and contents, and the Node that works on them. */
function fingerprint(directory) {
  const hash = createHash('sha256').update(process.version);
  const visit = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(at, entry.name);
      if (entry.name === 'node_modules') continue;
      if (entry.isDirectory()) visit(file);
      else hash.update(path.relative(directory, file)).update('\0').update(readFileSync(file)).update('\0');
    }
  };
  visit(directory);
  return hash.digest('hex');
}

function fail(message) {
  console.error(`ui: ${message}`);
  process.exit(1);
}
