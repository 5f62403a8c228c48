// The list of a phone's temperature sensors, to choose the few that the plot shows.

import { MAX_TEMPERATURES, labelOf } from "../lib/panels.js";

export class ZoneMenu extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this);
  }

  /**
   * @param {string[]} names of all temperatures
   * @param {string[]} chosen
   */
  offer(names, chosen) {
    this.replaceChildren(...names.map((name) => choice(name, chosen.includes(name))));
    this.#limit();
  }

  handleEvent() {
    this.#limit();
    this.dispatchEvent(new CustomEvent("choose", { detail: this.#chosen.map(({ value }) => value) }));
  }

  get #boxes() {
    return [...this.querySelectorAll("input")];
  }

  get #chosen() {
    return this.#boxes.filter(({ checked }) => checked);
  }

  #limit() {
    const isFull = this.#chosen.length >= MAX_TEMPERATURES;
    for (const box of this.#boxes) box.disabled = isFull && !box.checked;
  }
}

/**
 * @param {string} name
 * @param {boolean} isChosen
 */
function choice(name, isChosen) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  label.className = "check";
  Object.assign(box, { type: "checkbox", value: name, checked: isChosen });
  label.append(box, labelOf(name));
  return label;
}

customElements.define("zone-menu", ZoneMenu);
