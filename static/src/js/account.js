// [data-download-from="id"] saves that element's text as a file; [data-print] prints the page.
import { element, on } from "./lib/dom.js";

on("click", "[data-download-from]", (button) => {
  const text = document.getElementById(button.dataset.downloadFrom ?? "")?.textContent ?? "";
  const url = URL.createObjectURL(new Blob([text + "\n"], { type: "text/plain" }));
  element("a", { href: url, download: button.dataset.downloadName ?? "" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
});

on("click", "[data-print]", () => window.print());
