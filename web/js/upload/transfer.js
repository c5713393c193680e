// The way of one file to the storage: announced to the API, sent in parts, paused, gone on with, completed.

import { ApiError, call } from "../core/api.js";
import { pause as wait } from "../core/dom.js";
import { forgetUpload, isUploadOf, newFilmOf, rememberUpload } from "./memory.js";
import { put } from "./put.js";

const AT_ONCE = 3; // parts under way
const ATTEMPTS = 5; // of one part, before the person is asked
const PATIENCE = [1000, 2000, 4000, 8000]; // milliseconds between them
const GOOD_FOR = 50 * 60 * 1000; // milliseconds; an address is signed for an hour, and a part takes a while
const SOON = 60; // seconds: a limit of a minute is waited for, one of a day is said
const IS_ANOTHER = [400, 404, 409]; // of a completion: the upload is not what it was

/** States: `waiting`, `announcing`, `sending`, `paused`, `finishing`, `done`, `failed`, `cancelled`. Says `change`. */
export class Transfer extends EventTarget {
  constructor(file, { publish, filmId = null }) {
    super();
    this.file = file;
    this.publish = publish;
    this.filmId = filmId; // of a film that gets new content; else of the film that the API makes
    this.isReplacing = filmId !== null;
    this.hasBegun = false; // by itself: what another transfer began for the film is not this one's to end
    this.arrived = null; // number and etag of every part, once all are there
    this.state = "waiting";
    this.notice = ""; // a sentence for the person, where there is something to say
    this.sent = 0; // bytes
    this.speed = 0; // bytes per second
  }

  get percent() {
    return this.file.size ? (100 * this.sent) / this.file.size : 0;
  }

  /** Send the file, or go on where it stopped. Never throws: what happened is in `state` and `notice`. */
  run() {
    this.running = this.#run();
  }

  async #run() {
    this.stopping = new AbortController();
    try {
      if (!(await this.#isCompletedAgain())) await this.#send();
      forgetUpload(this.filmId);
      this.#become("done");
    } catch (error) {
      if (error === PAUSED || error === CANCELLED) return;
      this.stopping.abort(error);
      this.#become("failed", error instanceof ApiError ? error.message : "The connection to the storage broke. What has arrived is kept.");
    }
  }

  async #send() {
    this.#become("announcing");
    const work = await this.#announce();
    this.stopping.signal.throwIfAborted();
    this.#become("sending");
    await this.#sendParts(work);
    this.#become("finishing");
    this.arrived = await this.#listed();
    await this.#complete();
  }

  #complete() {
    return call("POST", `video/${this.filmId}/upload/complete/`, { parts: this.arrived });
  }

  // the answer to a completion may have got lost: completing twice is fine, while sending anew counts and takes long
  async #isCompletedAgain() {
    if (this.arrived === null) return false;
    this.#become("finishing");
    try {
      await this.#complete();
      return true;
    } catch (error) {
      if (!IS_ANOTHER.includes(error.status)) throw error;
      this.arrived = null;
      return false;
    }
  }

  /** Stop for now. Parts that have arrived stay. */
  pause() {
    this.#become("paused");
    this.stopping?.abort(PAUSED);
  }

  /** Stop for good and delete what has arrived, with the film that was made for it and has nothing else. */
  async cancel() {
    this.#become("cancelled");
    this.stopping?.abort(CANCELLED);
    await this.running; // an announcement that is under way makes its film in any case
    if (!this.hasBegun || !isUploadOf(this.filmId, this.file)) return;
    forgetUpload(this.filmId);
    const isEmpty = !this.isReplacing && (await this.#isWithoutContent());
    await (isEmpty ? call("DELETE", `video/${this.filmId}/`) : call("POST", `video/${this.filmId}/upload/abort/`, {}));
  }

  async #isWithoutContent() {
    const { state, failure } = await call("GET", `video/${this.filmId}/status/`);
    return state === "uploading" || failure?.step === "upload";
  }

  async #announce() {
    const known = this.filmId ?? newFilmOf(this.file);
    const begun = known !== null && isUploadOf(known, this.file) ? await this.#begun(known) : null;
    if (begun) return begun;
    const { name, size, type } = this.file;
    const said = { size, filename: name, content_type: type.startsWith("video/") ? type : "", multipart: true };
    const address = this.filmId === null ? "video/" : `video/${this.filmId}/upload/`;
    if (this.filmId === null) said.publish = this.publish;
    const { id, upload } = await this.#patiently(() => call("POST", address, said));
    this.filmId = id;
    this.hasBegun = true;
    this.sent = 0;
    rememberUpload(id, this.file, this);
    return upload;
  }

  // an upload that was interrupted: the parts that have not arrived, with fresh addresses
  async #begun(id) {
    try {
      const { size, part_size, part_count, parts } = await call("GET", `video/${id}/upload/parts/`);
      if (size !== this.file.size) return null;
      this.filmId = id;
      this.hasBegun = true;
      this.sent = parts.reduce((sum, part) => sum + part.size, 0);
      const here = new Set(parts.map((part) => part.number));
      const numbers = Array.from({ length: part_count }, (_, index) => index + 1).filter((number) => !here.has(number));
      const fresh = numbers.length ? (await call("POST", `video/${id}/upload/parts/`, { numbers })).parts : [];
      return { part_size, parts: fresh };
    } catch (error) {
      if (![400, 403, 404, 409].includes(error.status)) throw error;
      return null; // nothing was begun, or it is over: the file is announced anew
    }
  }

  // The API takes a few new films a minute from one person: whoever drops twenty files waits, and sees why. What it takes in
  // a day is another limit: nobody waits for tomorrow, and a smaller file may still go.
  async #patiently(action) {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (error.status !== 429 || error.retryAfter > SOON) throw error;
        const seconds = Math.max(1, error.retryAfter);
        this.#become("announcing", `Starts in ${seconds} s: a few uploads a minute are taken.`);
        await wait(seconds * 1000, this.stopping.signal);
        this.#become("announcing");
      }
    }
  }

  async #sendParts({ part_size: size, parts }) {
    const waiting = [...parts];
    const age = stopwatch(); // of the addresses
    this.meter = { since: performance.now(), from: this.sent };
    const worker = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift()) await this.#sendPart(part, { size, age });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  // What is not taken at once goes to a fresh address: where an old one is refused, some storages break the connection before
  // they have said so.
  async #sendPart(part, { size, age }) {
    const start = (part.number - 1) * size;
    const bytes = this.file.slice(start, start + size);
    const { signal } = this.stopping;
    let { url } = part;
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (attempt > 1 || age() > GOOD_FOR) url = await this.#freshAddress(part.number);
        await this.#counted((onProgress) => put(url, bytes, { signal, onProgress }));
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (attempt === ATTEMPTS || error.mayPass === false) throw error;
        await wait(PATIENCE[attempt - 1], signal);
      }
    }
  }

  async #freshAddress(number) {
    const { parts } = await call("POST", `video/${this.filmId}/upload/parts/`, { numbers: [number] });
    return parts[0].url;
  }

  // what one request sends counts into the sum as long as it does not fail
  async #counted(action) {
    let counted = 0;
    try {
      await action((loaded) => {
        this.sent += loaded - counted;
        counted = loaded;
        this.speed = (1000 * (this.sent - this.meter.from)) / Math.max(1, performance.now() - this.meter.since);
        this.dispatchEvent(new Event("change"));
      });
    } catch (error) {
      this.sent -= counted;
      throw error;
    }
  }

  // the storage's own list decides: it also has the parts of an earlier visit
  async #listed() {
    const { parts } = await call("GET", `video/${this.filmId}/upload/parts/`);
    return parts.map(({ number, etag }) => ({ number, etag }));
  }

  #become(state, notice = "") {
    if (this.state === "cancelled") return;
    this.state = state;
    this.notice = notice;
    this.dispatchEvent(new Event("change"));
  }
}

// Answers what tells the milliseconds since now, by the clock that counted more: one of them may stand still while the computer
// sleeps, and people set the one on the wall.
function stopwatch() {
  const [steady, wall] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - steady, Date.now() - wall);
}

const PAUSED = new DOMException("paused", "AbortError");
const CANCELLED = new DOMException("cancelled", "AbortError");
