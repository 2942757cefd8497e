// Reads a prepared document from its bytes, and says no where it is not what was asked for.
//
// Nothing that the service says about the document is believed: not the text, not the digest, not
// that it is what the person chose. The bytes are read here, once, and those bytes are signed.

import { fromBase64, hex, sha256, utf8 } from "./bytes.js";
import { WORDS } from "./words.js";

const COMMON = [
  "kind", "language", "event_time", "nonce", "pii_principal_id", "previous_sha256", "record_id",
  "rendering_sha256", "schema_version", "subject_epoch",
];
const FIELDS = {
  consent: [
    ...COMMON, "apart_from", "apart_from_handles", "approval", "assurance", "audience",
    "enrolment_id", "expires_at", "max_people", "max_uses", "never_say", "pii_controllers",
    "pii_type", "privacy_notice", "purposes", "restrictions", "retention_period", "simulated",
    "subject_handle", "wishes",
  ],
  key: [...COMMON, "key_id", "key_type", "registration_sha256"],
};

export class Differs extends Error {
  constructor(fields) {
    super(fields.join(", "));
    this.code = "document.differs";
  }
}

// RFC 8785: members in the order of their UTF-16 code units, no white space.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const sorted = (list) => [...list].sort();

// The document in a prepared answer, its bytes and its two texts.
export async function read(prepared, kind) {
  const bytes = fromBase64(prepared.document);
  let text, fields;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    fields = JSON.parse(text);
  } catch {
    throw new Differs(["document"]);
  }
  const names = fields && typeof fields === "object" ? Object.keys(fields) : [];
  if (!same(sorted(names), sorted(FIELDS[kind])) || canonical(fields) !== text) {
    throw new Differs(["document"]);
  }
  if (fields.kind !== kind || fields.schema_version !== 2) throw new Differs(["kind"]);
  const shown = hex(await sha256(utf8(`${prepared.text_en}\n${prepared.text_ja}`)));
  if (shown !== fields.rendering_sha256) throw new Differs(["rendering_sha256"]);
  return { bytes, fields, texts: { en: prepared.text_en, ja: prepared.text_ja } };
}

// Demand that a consent says what the person chose, and is theirs.
export function requireConsent(fields, wish, me) {
  const asked = {
    subject_handle: me.handle,
    pii_principal_id: me.id,
    audience: wish.audience,
    pii_type: sorted(wish.modalities),
    purposes: sorted(wish.purposes),
    restrictions: sorted(wish.restrictions),
    max_people: wish.max_people,
    max_uses: wish.max_uses,
    approval: wish.approval,
    retention_period: `P${wish.retention_days}D`,
    language: wish.language,
    wishes: wish.wishes,
  };
  const wrong = Object.keys(asked).filter((name) => !same(fields[name], asked[name]));
  if (!same(sorted(fields.never_say), sorted(wish.never_say))) wrong.push("never_say");
  // A wish may name more people; nobody who was named may be missing.
  if (!wish.apart_from.every((handle) => fields.apart_from_handles.includes(handle))) {
    wrong.push("apart_from_handles");
  }
  const end = fields.expires_at === null ? null : Date.parse(fields.expires_at);
  const wanted = wish.expires_at === null ? null : Date.parse(wish.expires_at);
  if (end !== wanted) wrong.push("expires_at");
  if (wrong.length > 0) throw new Differs(wrong);
}

// Demand that a key document is for the passkey that was just made.
export async function requireKey(fields, registration, made, me) {
  const bytes = fromBase64(registration);
  const record = JSON.parse(new TextDecoder().decode(bytes));
  const credential = toPlain(made.id);
  const wrong = [];
  if (fields.pii_principal_id !== me.id || record.person !== me.id) wrong.push("pii_principal_id");
  if (fields.registration_sha256 !== hex(await sha256(bytes))) wrong.push("registration_sha256");
  if (fields.key_type !== "webauthn" || record.credential_id !== credential) wrong.push("key_type");
  const id = `key_${hex(await sha256(fromBase64(record.public_key))).slice(0, 32)}`;
  if (fields.key_id !== id) wrong.push("key_id");
  if (wrong.length > 0) throw new Differs(wrong);
}

function toPlain(base64url) {
  const plain = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return plain + "=".repeat((4 - (plain.length % 4)) % 4);
}

// What the bytes say, in this page's own words: pairs of a name and a value.
export function facts(fields, lang) {
  const words = WORDS[lang];
  const list = (values, names) =>
    values.map((value) => (names ? (names[value] ?? value) : value)).join(lang === "ja" ? "、" : "; ") ||
    words.none;
  if (fields.kind === "key") {
    return [
      [words.newKey, fields.key_id],
      [words.kindOfKey, words.keyTypes[fields.key_type] ?? fields.key_type],
      [words.registration, fields.registration_sha256],
    ];
  }
  return [
    [words.you, `@${fields.subject_handle} (${fields.pii_principal_id})`],
    [words.controller, list(fields.pii_controllers)],
    [words.audience, words.audiences[fields.audience] ?? fields.audience],
    [words.modalities, list(fields.pii_type, words.modalityNames)],
    [words.purposes, list(fields.purposes, words.purposeNames)],
    [words.restrictions, list(fields.restrictions, words.restrictionNames)],
    [words.neverSay, list(fields.never_say)],
    [words.wishes, list(fields.wishes)],
    [words.apartFrom, list(fields.apart_from_handles.map((handle) => `@${handle}`))],
    [words.maxPeople, String(fields.max_people)],
    [words.maxUses, fields.max_uses === null ? words.anyNumber : String(fields.max_uses)],
    [words.approval, words.approvals[fields.approval] ?? fields.approval],
    [words.expires, fields.expires_at ?? words.noEnd],
    [words.retention, `${fields.retention_period.slice(1, -1)} ${words.days}`],
    [words.checked, `${fields.assurance} / 3${fields.simulated ? ` · ${words.simulated}` : ""}`],
  ];
}
