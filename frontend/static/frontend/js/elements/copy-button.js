// A button that copies the text of the element it names.

const THANKS_MS = 1500; // long enough to be read

export class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
  }

  async handleEvent() {
    const source = document.getElementById(this.dataset.source ?? "");
    const label = this.querySelector("[data-label]");
    if (!source || !label) return;
    await navigator.clipboard.writeText((source.textContent ?? "").trim());
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = "Copy"), THANKS_MS);
  }
}

customElements.define("copy-button", CopyButton);
