// What a mailed link says: whom it is for, and the proof that the mail was read.

const parameters = new URLSearchParams(location.search);

/** `{uid, token}` as a path of the API takes them, or null where the link is incomplete. */
export function link() {
  const [uid, token] = [parameters.get("uid"), parameters.get("token")];
  return uid && token ? { uid: encodeURIComponent(uid), token: encodeURIComponent(token) } : null;
}
