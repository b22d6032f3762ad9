// Show a pivot component on a cube in Chromium, use it, and print what it shows after each step, one JSON per line.
// usage: node drive.mjs devextreme|syncfusion ASKED [SCREENSHOT], ASKED being JSON: url, catalog, cube, measure, rows, inner,
// user, password, locale, open (caption of a row), opened (a text that its opening shows), filter (members), chromium
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";

const [kind, text, screenshot] = process.argv.slice(2);
const asked = JSON.parse(text);
asked.authorization = `Basic ${Buffer.from(`${asked.user}:${asked.password}`).toString("base64")}`;
const here = path.dirname(fileURLToPath(import.meta.url));
const bundle = await build({ entryPoints: [path.join(here, `${kind}.js`)], bundle: true, write: false, format: "iife", logLevel: "error" });
const installed = path.join(here, "node_modules");
const styles = {
  devextreme: () => ["devextreme/dist/css/dx.light.css"],
  // each Syncfusion package has the style of its own parts
  syncfusion: () => readdirSync(path.join(installed, "@syncfusion"))
    .map((name) => `@syncfusion/${name}/styles/material3.css`)
    .filter((style) => existsSync(path.join(installed, style))),
}[kind]();
const read = (style) => readFileSync(path.join(installed, style), "utf-8").replace(/@import [^;]*;/g, ""); // fonts from afar
const html = `<!doctype html><meta charset="utf-8"><title>${kind}</title><link rel="stylesheet" href="/style.css"><style>body { font-family: sans-serif }</style>
<div id="grid"></div><script src="/bundle.js"></script>`;
const files = {
  "/bundle.js": ["text/javascript", () => bundle.outputFiles[0].text],
  "/style.css": ["text/css", () => styles.map(read).join("\n")],
};
const server = http
  .createServer((request, response) => {
    const icons = /^\/icons\/(dxicons\.\w+)/.exec(request.url);
    const icon = () => readFileSync(path.join(installed, path.dirname(styles[0]), "icons", icons[1]));
    const [type, content] = icons ? ["font/woff2", icon] : (files[request.url] ?? ["text/html", () => html]);
    response.setHeader("Content-Type", type);
    response.end(content());
  })
  .listen(0, "127.0.0.1");
await once(server, "listening");

const browser = await puppeteer.launch({ executablePath: asked.chromium, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 900, height: 800 });
  const answers = [];
  page.on("response", (response) => response.url() === asked.url && answers.push(response.status()));
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/?asked=${encodeURIComponent(JSON.stringify(asked))}`);
  const wait = (test, ...values) => page.waitForFunction(test, { timeout: 60000 }, ...values).catch(() => {});
  const say = async (step) => {
    const found = await page.evaluate(() => ({ cells: window.pivot.cells(), fields: window.pivot.fields(), errors: window.pivot.errors() }));
    console.log(JSON.stringify({ step, ...found, answers }));
  };
  await wait((caption) => window.pivot.cells().includes(caption), asked.open);
  await say("built");
  await page.evaluate((caption) => window.pivot.open(caption), asked.open);
  await wait((caption) => window.pivot.cells().includes(caption), asked.opened);
  await say("drilled");
  if (screenshot) {
    if (kind === "syncfusion") await page.mouse.click(858, 22); // closes the notice of a trial version
    await (await page.$("#grid")).screenshot({ path: screenshot });
  }
  const before = (await page.evaluate(() => window.pivot.cells())).length;
  await page.evaluate((members) => window.pivot.filter(members), asked.filter);
  await wait((count) => { const now = window.pivot.cells().length; return now > 3 && now < count; }, before);
  await say("filtered");
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
