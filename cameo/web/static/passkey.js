// The passkey: make one, sign in, and sign a document.

import { fromBase64url, joined, sha256, toBase64, toBase64url, utf8 } from "./bytes.js";
import { call } from "./net.js";

const PREFIX = utf8("cameo-consent/v1\n");

function creation(options) {
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((each) => ({
      ...each,
      id: fromBase64url(each.id),
    })),
  };
}

// Make a passkey on this device or another one; `purpose` is "register" or "recover".
export async function make(purpose) {
  const { publicKey } = await call("POST", "/keys/challenge", { purpose });
  const made = await navigator.credentials.create({ publicKey: creation(publicKey) });
  return {
    id: toBase64url(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: toBase64url(made.response.clientDataJSON),
      attestationObject: toBase64url(made.response.attestationObject),
    },
  };
}

export async function signIn() {
  const { publicKey } = await call("POST", "/sessions/challenge");
  const given = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: fromBase64url(publicKey.challenge) },
  });
  return call("POST", "/sessions", {
    credential: {
      id: toBase64url(given.rawId),
      type: given.type,
      response: {
        clientDataJSON: toBase64url(given.response.clientDataJSON),
        authenticatorData: toBase64url(given.response.authenticatorData),
        signature: toBase64url(given.response.signature),
        userHandle: toBase64url(given.response.userHandle ?? new Uint8Array()),
      },
    },
  });
}

// What the passkey signs for a document: computed here, from the very bytes that were shown.
export function challengeOf(bytes) {
  return sha256(joined(PREFIX, bytes));
}

// Sign a document with one of `keys`, as the service listed them.
export async function sign(bytes, keys) {
  const own = keys.filter((key) => key.type === "webauthn" && key.status === "active");
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: await challengeOf(bytes),
      rpId: own[0]?.rp_id,
      allowCredentials: own.map((key) => ({
        type: "public-key",
        id: fromBase64url(key.credential_id),
      })),
      userVerification: "required",
      timeout: 300_000,
    },
  });
  const used = toBase64url(given.rawId);
  return {
    type: "webauthn",
    key_id: own.find((key) => key.credential_id === used).id,
    credential_id: toBase64(given.rawId),
    client_data_json: toBase64(given.response.clientDataJSON),
    authenticator_data: toBase64(given.response.authenticatorData),
    signature: toBase64(given.response.signature),
  };
}
