// node svelte_compile.cjs SVELTE_FOLDER COMPONENT: the component as a module that mounts itself, on standard output.
const fs = require("node:fs");

const [folder, component] = process.argv.slice(2);
const { compile } = require(`${folder}/compiler/index.js`);
console.log(compile(fs.readFileSync(component, "utf8"), { name: "App", runes: true }).js.code);
console.log('import { mount } from "svelte"; window.app = mount(App, { target: document.querySelector("main") });');
