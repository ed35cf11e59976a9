"use strict";
// Shows an OpenAPI document and tries its operations. Everything is written as text nodes, never as markup.

const byId = (id) => document.getElementById(id);
let openapi = null;

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties || {});
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function resolve(schema) {
  if (schema && typeof schema.$ref === "string") {
    const target = schema.$ref.replace(/^#\//, "").split("/").reduce((at, key) => at?.[key], openapi);
    return resolve(target || {});
  }
  return schema || {};
}

function typeName(schema) {
  const it = resolve(schema);
  if (it.format === "binary") return "file";
  if (it.enum) return it.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (it.anyOf) return it.anyOf.map(typeName).join(" | ");
  const type = [].concat(it.type || "any").filter((name) => name !== "null").join(" | ");
  return type === "array" ? `array of ${typeName(it.items)}` : type;
}

// Rows of a table: one per field, nested fields with their path before them.
function rows(schema, path, depth) {
  const it = resolve(schema);
  if (depth > 5) return [];
  if (it.allOf) return it.allOf.flatMap((part) => rows(part, path, depth));
  if (it.anyOf) return it.anyOf.flatMap((part) => rows(part, path, depth));
  if (it.items) return rows(it.items, `${path}[]`, depth + 1);
  return Object.entries(it.properties || {}).flatMap(([name, field]) => {
    const at = path ? `${path}.${name}` : name;
    const required = (it.required || []).includes(name);
    const about = field.description || resolve(field).description || "";
    return [[at, typeName(field), required, about], ...rows(field, at, depth + 1)];
  });
}

function fieldTable(title, schema, showRequired) {
  const all = rows(schema, "", 0);
  if (all.length === 0) return null;
  const cells = (tag, texts) => element("tr", null, ...texts.map((text) => element(tag, { textContent: text })));
  const head = ["Field 参数", "Type 类型", showRequired ? "Required 必填" : "", "Meaning 说明"];
  const body = all.map(([at, type, required, about]) => cells("td", [at, type, showRequired && required ? "✓" : "", about]));
  return element("div", null, element("h3", { textContent: title }), element("table", null, cells("th", head), ...body));
}

function headerValues() {
  const headers = {};
  for (const input of byId("headers").querySelectorAll("input")) if (input.value) headers[input.name] = input.value;
  return headers;
}

async function send(path, method, request, form, output) {
  output.textContent = "…";
  const options = { method: method.toUpperCase(), headers: headerValues() };
  if (request?.["multipart/form-data"]) {
    options.body = new FormData(form);
  } else if (request) {
    options.headers["content-type"] = "application/json;charset=utf-8";
    options.body = form.querySelector("textarea").value;
  }
  try {
    const response = await fetch(path, options);
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
    output.textContent = `${response.status} ${response.statusText}\n${shown}`;
  } catch (error) {
    output.textContent = String(error);
  }
}

function tryForm(path, method, operation) {
  const request = operation.requestBody?.content;
  const output = element("pre", { hidden: true });
  const form = element("form", null, element("h3", { textContent: "Try it 试用" }));
  if (request?.["multipart/form-data"]) {
    for (const [name, type] of rows(request["multipart/form-data"].schema, "", 0)) {
      const input = element("input", { name, type: type === "file" ? "file" : "text" });
      form.append(element("label", null, `${name} `, input));
    }
  } else if (request) {
    const sample = request["application/json"].example;
    form.append(element("textarea", { value: JSON.stringify(sample, null, 2), spellcheck: false }));
  }
  form.append(element("button", { textContent: "Send 发送" }), output);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    output.hidden = false;
    send(path, method, request, form, output);
  });
  return form;
}

function details(path, method, operation) {
  const request = Object.values(operation.requestBody?.content || {})[0]?.schema;
  const success = Object.entries(operation.responses).find(([status]) => status < "300");
  const answer = Object.values(success?.[1].content || {})[0]?.schema;
  const problems = Object.entries(operation.responses).filter(([status]) => status >= "400");
  const notes = [operation["x-clause"] && `clause ${operation["x-clause"]}`, operation["x-permission"] && `permission ${operation["x-permission"]}`];
  const codes = problems.map(([status, it]) => element("li", { textContent: `${status}: ${resolve(it).description}` }));
  return [
    element("p", { className: "note", textContent: notes.filter(Boolean).join(" · ") }),
    fieldTable("Request 请求", request, true),
    fieldTable(`Answer 返回 (${success?.[0]})`, answer, false),
    element("details", null, element("summary", { textContent: "Errors 错误码" }), element("ul", null, ...codes)),
    tryForm(path, method, operation),
  ].filter(Boolean);
}

function entry(path, method, operation) {
  const title = element("summary", null,
    element("span", { className: "method", textContent: method.toUpperCase() }),
    element("code", { textContent: path }),
    element("span", { className: "what", textContent: operation.summary }));
  const node = element("details", { id: operation.operationId }, title);
  node.addEventListener("toggle", () => {
    if (node.open && node.childElementCount === 1) node.append(...details(path, method, operation));
  });
  return node;
}

function show() {
  const wanted = byId("search").value.trim().toLowerCase();
  const groups = new Map();
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const text = `${path} ${operation.summary} ${operation["x-clause"]}`.toLowerCase();
      if (wanted && !text.includes(wanted)) continue;
      const tag = operation.tags?.[0] || "";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(entry(path, method, operation));
    }
  }
  const sections = [...groups].map(([tag, entries]) => element("section", null, element("h2", { textContent: tag }), ...entries));
  byId("operations").replaceChildren(...sections);
}

function headerForm() {
  const parameters = Object.values(openapi.components.parameters || {});
  const credentials = Object.values(openapi.components.securitySchemes || {});
  const inputs = [...parameters, ...credentials].map((header) =>
    element("label", { title: header.description || "" }, `${header.name} `,
      element("input", { name: header.name, value: header.name === "version" ? openapi.info.version : "", autocomplete: "off" })));
  byId("headers").replaceChildren(...inputs);
}

async function load(name) {
  const address = `/openapi/${encodeURIComponent(name)}.json`;
  openapi = await (await fetch(address)).json();
  byId("source").href = address;
  byId("about").textContent = `${openapi.info.title} ${openapi.info.version}: ${openapi.info.description}`;
  headerForm();
  show();
}

async function start() {
  const names = await (await fetch("/openapi/index.json")).json();
  byId("document").replaceChildren(...names.map((name) => element("option", { value: name, textContent: name })));
  byId("document").addEventListener("change", (event) => load(event.target.value));
  byId("search").addEventListener("input", show);
  if (names.length > 0) await load(names[0]);
}

start();
