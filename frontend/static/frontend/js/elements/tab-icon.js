// Shows in the browser's tab how a run goes: a dot in the color of its state.

/** @type {Record<string, string>} */
const TONES = {
  measuring: "#f2712b",
  preparing: "#e6c04f",
  completed: "#3cba92",
  failed: "#d3382f",
  aborted: "#d3382f",
};
const QUIET = "#8b8478";

export class TabIcon extends HTMLElement {
  connectedCallback() {
    const tone = TONES[this.dataset.state ?? ""] ?? QUIET;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9" fill="${tone}"/></svg>`;
    const link = document.querySelector("link[rel=icon]");
    link?.setAttribute("href", `data:image/svg+xml,${encodeURIComponent(svg)}`);
  }
}

customElements.define("tab-icon", TabIcon);
