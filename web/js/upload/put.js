// One PUT to the storage with progress, which fetch cannot tell of what it sends.

/**
 * Send bytes to a signed address; answers the ETag. `onProgress` is called with the bytes sent so far.
 * Throws an Error whose `status` is the storage's, 0 where the connection broke.
 */
export function put(url, bytes, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const fail = (status) => reject(Object.assign(new Error("The storage did not take the file."), { status }));
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => (request.status < 300 ? resolve(request.getResponseHeader("ETag")) : fail(request.status)));
    request.addEventListener("error", () => fail(0));
    request.addEventListener("abort", () => reject(signal.reason));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    signal.addEventListener("abort", stop);
    request.open("PUT", url);
    request.send(bytes);
  });
}
