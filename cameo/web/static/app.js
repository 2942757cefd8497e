// The page: who is here, their keys and consents, and the way to a signature.

import { hex, toBase64 } from "./bytes.js";
import { facts, read, requireConsent, requireKey } from "./document.js";
import { call, token } from "./net.js";
import { challengeOf, make, sign, signIn } from "./passkey.js";
import { $, ask, complain, language, readWish, say, setLanguage, showConsents, showFacts, showKeys, showWish, words } from "./view.js";

let me = null;
let keys = [];
let consents = [];
let wish = {
  audience: "only_me", modalities: ["face", "voice"], purposes: ["personal"],
  restrictions: ["nudity"], approval: "if_needed", never_say: [], wishes: [], apart_from: [],
  max_people: 2, max_uses: null, expires_at: null, retention_days: 90, language: "en",
};
// What lies under review: the bytes that would be signed, and where they go then.
let review = null;

function show(...names) {
  for (const name of ["welcome", "new-key", "home", "review"]) {
    $(name).hidden = !names.includes(name);
  }
}

function draw() {
  setLanguage(language());
  showWish(wish);
  $("handle").textContent = me ? `@${me.handle}` : "";
  $("sign-out").hidden = !me;
  if (!me) return;
  showKeys(keys, endKey);
  showConsents(consents, withdraw);
  const active = keys.some((key) => key.type === "webauthn" && key.status === "active");
  $("register").hidden = keys.length > 0;
  $("add").hidden = !active;
  $("recover").hidden = keys.length === 0 || keys.some((key) => key.status === "waiting");
  $("wish-section").hidden = !active;
  if (review) drawReview();
}

async function refresh() {
  me = await call("GET", "/people/me");
  keys = (await call("GET", "/keys")).data;
  consents = (await call("GET", "/consents")).consents;
  draw();
}

async function enter() {
  await refresh();
  show("home");
}

function leave() {
  token.clear();
  me = null;
  review = null;
  [keys, consents] = [[], []];
  draw();
  show("welcome");
}

// One act at a time: a second press of a button waits for nothing and does nothing.
let busy = false;
function act(work) {
  return async (event) => {
    event?.preventDefault();
    if (busy) return;
    busy = true;
    document.body.setAttribute("aria-busy", "true");
    say();
    try {
      await work(event);
    } catch (error) {
      if (error.code === "auth.required") leave();
      complain(error);
    } finally {
      busy = false;
      document.body.removeAttribute("aria-busy");
    }
  };
}

async function endKey(name, key) {
  const w = words();
  if (!(await ask(w[`${name}Title`], w[`${name}Text`], w[name]))) return;
  await act(async () => {
    await call("POST", `/keys/${key.id}/${name}`);
    await refresh();
  })();
}

async function withdraw(consent) {
  const w = words();
  if (!(await ask(w.withdrawTitle, w.withdrawText, w.withdraw))) return;
  await act(async () => {
    const done = await call("POST", `/consents/${consent.id}/revoke`);
    await refresh();
    say((w) => w.withdrawn(done.withdrawn.length));
  })();
}

function choose(lang) {
  for (const each of ["en", "ja"]) {
    $(`text-${each}`).setAttribute("aria-pressed", String(each === lang));
  }
  $("text").textContent = review.document.texts[lang];
  $("text").lang = lang;
}

function drawReview() {
  choose(language());
  showFacts(facts(review.document.fields, language()));
}

async function look(document, handIn) {
  review = { document, handIn };
  drawReview();
  $("challenge").textContent = hex(await challengeOf(document.bytes));
  show("review");
  $("review-title").focus();
}

$("language").addEventListener("click", () => {
  wish = readWish();
  setLanguage(language() === "en" ? "ja" : "en");
  draw();
});
$("sign-up").addEventListener("submit", act(async (event) => {
  const data = new FormData(event.target);
  const made = await call("POST", "/people", {
    handle: data.get("handle"),
    display_name: data.get("display_name"),
    adult: data.get("adult") === "on",
  });
  token.set(made.api_key);
  event.target.reset();
  $("shown-key").value = made.api_key;
  await refresh();
  show("new-key");
  $("shown-key").select();
}));
$("kept-key").addEventListener("click", act(async () => {
  $("shown-key").value = "";
  await enter();
}));
$("use-key").addEventListener("submit", act(async (event) => {
  token.set(new FormData(event.target).get("api_key").trim());
  event.target.reset();
  await enter();
}));
$("sign-in").addEventListener("click", act(async () => {
  token.clear();
  token.set((await signIn()).token);
  await enter();
}));
$("sign-out").addEventListener("click", act(async () => {
  await call("DELETE", "/sessions/current");
  leave();
}));
$("register").addEventListener("click", act(async () => {
  await call("POST", "/keys", { type: "webauthn", credential: await make("register") });
  await refresh();
  say((w) => w.registered);
}));
$("recover").addEventListener("click", async () => {
  const w = words();
  if (!(await ask(w.recoverTitle, w.recoverText, w.recover))) return;
  await act(async () => {
    await call("POST", "/keys/recover", { type: "webauthn", credential: await make("recover") });
    await refresh();
    say((w) => w.recovering);
  })();
});
$("add").addEventListener("click", act(async () => {
  const made = await make("register");
  const key = { type: "webauthn", credential: made };
  const prepared = await call("POST", "/keys/prepare", { key, language: language() });
  const document = await read(prepared, "key");
  await requireKey(document.fields, prepared.registration, made, me);
  await look(document, async (signed) => {
    await call("POST", "/keys/add", { ...signed, registration: prepared.registration });
    return (w) => w.added;
  });
}));
$("wish").addEventListener("submit", act(async () => {
  wish = readWish();
  const prepared = await call("POST", "/consents/prepare", wish);
  const document = await read(prepared, "consent");
  requireConsent(document.fields, wish, me);
  await look(document, async (signed) => {
    await call("POST", "/consents", signed);
    return (w) => w.signed;
  });
}));
$("sign").addEventListener("click", act(async () => {
  const { document, handIn } = review;
  const evidence = await sign(document.bytes, keys);
  const done = await handIn({ document: toBase64(document.bytes), evidence });
  review = null;
  await enter();
  say(done);
}));
$("back").addEventListener("click", () => {
  review = null;
  say();
  show("home");
});
for (const lang of ["en", "ja"]) {
  $(`text-${lang}`).addEventListener("click", () => choose(lang));
}
$("ask-yes").addEventListener("click", () => $("ask").close("yes"));
$("ask-no").addEventListener("click", () => $("ask").close(""));

setLanguage(navigator.language.startsWith("ja") ? "ja" : "en");
draw();
show("welcome");
if (token.get()) act(enter)();
