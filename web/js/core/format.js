// Numbers, times and names as people read them, in the browser's own language where it knows better.

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A size in bytes, e.g. `73 MB`. */
export function size(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** step;
  const digits = value < 10 && step > 0 ? 1 : 0;
  return new Intl.NumberFormat([], { style: "unit", unit: UNITS[step], maximumFractionDigits: digits }).format(value);
}

/** Bits per second, e.g. `4.2 Mbit/s`. */
export function bitrate(bits) {
  return `${(bits / 1e6).toLocaleString([], { maximumSignificantDigits: 2 })} Mbit/s`;
}

/** An amount of US dollars, cents and less of it where it is small. */
export function dollars(amount) {
  const digits = amount < 1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  return new Intl.NumberFormat([], { style: "currency", currency: "USD", ...digits }).format(amount);
}

/** Seconds as `1:02:03` or `2:03`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A film's length in words, e.g. `1 h 32 min`. */
export function length(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} sec`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How many there are, e.g. `3 films`; where a list ends at `most` there may be more: `200+ films`. */
export function amount(count, one, several, most = Infinity) {
  return count === 1 ? `1 ${one}` : `${count}${count < most ? "" : "+"} ${several}`;
}

export function date(iso) {
  return new Date(iso).toLocaleDateString([], { dateStyle: "medium" });
}

export function moment(iso) {
  return new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}

export function timeOfDay(iso) {
  return new Date(iso).toLocaleTimeString([], { timeStyle: "medium" });
}

export function percent(value) {
  return `${Math.floor(value)} %`;
}

/** `science fiction` as a heading: `Science fiction`. */
export function heading(name) {
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

const NEW_FOR = 14 * 24 * 3600 * 1000; // milliseconds

export function isNew(film) {
  return Date.now() - Date.parse(film.created_at) < NEW_FOR;
}
