// What is drawn: texts, lists, the form. Everything is set as text, nothing as markup.

import { WORDS } from "./words.js";

export const $ = (id) => document.getElementById(id);

let lang = "en";

export const language = () => lang;
export const words = () => WORDS[lang];

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function setLanguage(chosen) {
  lang = chosen;
  document.documentElement.lang = lang;
  for (const each of document.querySelectorAll("[data-t]")) {
    each.textContent = words()[each.dataset.t];
  }
  const other = lang === "en" ? "ja" : "en";
  $("language").textContent = other === "ja" ? "日本語" : "English";
  $("language").lang = other;
  drawTold();
}

// What was told last, as a function that draws it: in another language it is drawn anew.
let drawTold = () => {};

function tell(draw) {
  drawTold = draw;
  draw();
}

// Say what `choose` takes from the words; without it, nothing is said any more.
export function say(choose = () => "") {
  tell(() => {
    const text = choose(words());
    $("error").hidden = true;
    $("message").textContent = text;
    $("message").hidden = text === "";
  });
}

export function complain(error) {
  tell(() => drawError(error));
  $("error").scrollIntoView({ block: "nearest" });
}

function drawError(error) {
  $("message").hidden = true;
  const known = words().errors[error.code] ?? words().errors[error.name];
  const code = typeof error.code === "string" ? error.code : error.name;
  const more = !known || code === "document.differs" ? ` ${error.message}` : "";
  $("error").textContent = `${known ?? ""}${more} (${code})`.trim();
  $("error").hidden = false;
}

const moment = (text) => new Date(text).toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" });

function tag(text, kind = "") {
  return element("span", { className: `tag ${kind}`, textContent: text });
}

function row(parts, button) {
  const line = element("li", {}, element("p", {}, ...parts));
  if (button) line.append(button);
  return line;
}

const tone = { active: "", waiting: "warn", needs_enrolment: "warn" };

export function showKeys(keys, act) {
  const list = keys.map((key) => {
    const waits = key.status === "waiting";
    const parts = [
      tag(words().statuses[key.status], tone[key.status] ?? "over"),
      `${words().keyTypes[key.type]}${key.label ? ` “${key.label}”` : ""} · ${words().hows[key.how]} · `,
      element("code", { textContent: key.id }),
      waits ? ` · ${words().waitsUntil(moment(key.effective_at))}` : "",
    ];
    if (key.status === "revoked") return row(parts);
    const name = waits ? "cancel" : "revoke";
    const button = element("button", { type: "button", className: "quiet", textContent: words()[name] });
    button.addEventListener("click", () => act(name, key));
    return row(parts, button);
  });
  $("keys").replaceChildren(...(list.length ? list : [row([words().noKeys])]));
}

export function showConsents(consents, act) {
  const list = consents.map((consent) => {
    const parts = [
      tag(words().statuses[consent.status] ?? consent.status, consent.status === "active" ? "" : "over"),
      consent.document ? `${words().audiences[consent.document.audience]} · ` : "",
      words().signedAt(moment(consent.created_at)),
      consent.ended_at ? ` · ${words().endedAt(moment(consent.ended_at))}` : "",
      " · ",
      element("code", { textContent: consent.id }),
    ];
    if (consent.status !== "active") return row(parts);
    const button = element("button", { type: "button", textContent: words().withdraw });
    button.addEventListener("click", () => act(consent));
    return row(parts, button);
  });
  $("consents").replaceChildren(...(list.length ? list : [row([words().noConsents])]));
}

export function showFacts(pairs) {
  $("facts").replaceChildren(
    ...pairs.flatMap(([name, value]) => [
      element("dt", { textContent: name }),
      element("dd", { textContent: value }),
    ]),
  );
}

function choices(legend, name, type, names, chosen, hint = "") {
  const boxes = Object.entries(names).map(([value, text]) =>
    element(
      "label",
      { className: "check" },
      element("input", { type, name, value, checked: chosen.includes(value) }),
      element("span", { textContent: text }),
    ),
  );
  const set = element(
    "fieldset",
    {},
    element("legend", { textContent: legend }),
    element("div", { className: "many" }, ...boxes),
  );
  if (hint) set.append(hintFor(set, `wish-${name}-hint`, hint));
  return set;
}

function hintFor(control, id, text) {
  control.setAttribute("aria-describedby", id);
  return element("p", { className: "hint", id, textContent: text });
}

function field(name, text, control, hint = "") {
  control.name = name;
  control.id = `wish-${name}`;
  const parts = [element("label", { htmlFor: control.id, textContent: text }), control];
  if (hint) parts.push(hintFor(control, `${control.id}-hint`, hint));
  return parts;
}

const number = (value, min, max) => element("input", { type: "number", value, min, max, step: 1 });

// The form, as it stands; drawn anew in another language it keeps what was chosen.
export function showWish(wish) {
  const w = words();
  $("wish").replaceChildren(
    choices(w.audience, "audience", "radio", w.audiences, [wish.audience], w.audienceHint),
    choices(w.modalities, "modalities", "checkbox", w.modalityNames, wish.modalities),
    choices(w.purposes, "purposes", "checkbox", w.purposeNames, wish.purposes),
    choices(w.restrictions, "restrictions", "checkbox", w.restrictionNames, wish.restrictions),
    choices(w.approval, "approval", "radio", w.approvals, [wish.approval], w.approvalHint),
    ...field("never_say", w.neverSay, element("textarea", { value: wish.never_say.join("\n") }), w.perLine),
    ...field("wishes", w.wishes, element("textarea", { value: wish.wishes.join("\n") }), w.wishesHint),
    ...field("apart_from", w.apartFrom, element("textarea", { value: wish.apart_from.join("\n") }), w.apartHint),
    element(
      "div",
      { className: "pairs" },
      ...[
        field("max_people", w.maxPeople, number(wish.max_people, 1, 8)),
        field("max_uses", w.maxUses, number(wish.max_uses ?? "", 1, 1_000_000), w.maxUsesHint),
        field("expires_on", w.expires, element("input", { type: "date", value: (wish.expires_at ?? "").slice(0, 10) }), w.expiresHint),
        field("retention_days", w.retention, number(wish.retention_days, 1, 3650), w.retentionHint),
      ].map((parts) => element("div", {}, ...parts)),
    ),
    element("button", { type: "submit", className: "main", textContent: w.prepare }),
  );
}

// One entry a line; white space and repetition mean nothing.
const lines = (text) => [...new Set(text.split("\n").map((line) => line.trim().split(/\s+/).join(" ")))].filter(Boolean);

export function readWish() {
  const data = new FormData($("wish"));
  const uses = data.get("max_uses");
  const end = data.get("expires_on");
  return {
    audience: data.get("audience"),
    modalities: data.getAll("modalities"),
    purposes: data.getAll("purposes"),
    restrictions: data.getAll("restrictions"),
    approval: data.get("approval"),
    never_say: lines(data.get("never_say")),
    wishes: lines(data.get("wishes")),
    apart_from: lines(data.get("apart_from")).map((each) => each.replace(/^@/, "").toLowerCase()),
    max_people: Number(data.get("max_people")),
    max_uses: uses ? Number(uses) : null,
    expires_at: end ? `${end}T00:00:00Z` : null,
    retention_days: Number(data.get("retention_days")),
    language: lang,
  };
}

// Ask before something that cannot be taken back; resolves to whether it was wanted.
export function ask(title, text, yes) {
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-yes").textContent = yes;
  const dialog = $("ask");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
