// [data-copy="text"] copies it; [data-copy-from="id"] copies that element's text.
import { on } from "./lib/dom.js";
import { showToast } from "./lib/toast.js";

on("click", "[data-copy], [data-copy-from]", async (button) => {
  const source = document.getElementById(button.dataset.copyFrom ?? "");
  const text = button.dataset.copy ?? source?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
    showToast({ message: "Copied", level: "info" });
  } catch {
    showToast({ message: "The browser did not allow copying.", level: "warning" });
  }
});
