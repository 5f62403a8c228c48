// A button that goes through the color themes: automatic, light, dark.

const THEMES = ["auto", "light", "dark"];
/** @type {Record<string, string>} */
const WORDS = { auto: "automatic", light: "light", dark: "dark" };
const YEAR_S = 31_536_000;

export class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.#say();
  }

  handleEvent() {
    const next = THEMES[(THEMES.indexOf(this.#theme) + 1) % THEMES.length];
    document.documentElement.dataset.theme = next;
    // A cookie, so that the server renders the next page right from its first byte.
    document.cookie = `theme=${next}; path=/; max-age=${YEAR_S}; samesite=lax`;
    this.#say();
  }

  get #theme() {
    return document.documentElement.dataset.theme ?? "auto";
  }

  #say() {
    const output = this.querySelector("output");
    if (output) output.textContent = WORDS[this.#theme] ?? WORDS.auto;
  }
}

customElements.define("theme-switch", ThemeSwitch);
