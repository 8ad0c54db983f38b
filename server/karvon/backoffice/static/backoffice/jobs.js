// Keeps the progress of an import or export in step, on the page of the job only.
(() => {
  "use strict";

  const PAUSE = 1500;

  const show = (panel, job) => {
    for (const place of panel.querySelectorAll("[data-job-field]")) {
      place.textContent = job[place.dataset.jobField] ?? "";
    }
    const bar = panel.querySelector("progress");
    if (job.percent === null) {
      bar.removeAttribute("value");
    } else {
      bar.value = job.percent;
    }
  };

  const poll = async (panel) => {
    try {
      const answer = await fetch(panel.dataset.jobUrl, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const job = await answer.json();
        show(panel, job);
        if (job.is_finished) {
          // refused rows and the file to download are on the page as it is then
          window.location.reload();
          return;
        }
      }
    } catch {
      // the server is away for a moment: asked again below
    }
    window.setTimeout(() => poll(panel), PAUSE);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const panel = document.querySelector("[data-job-url]");
    if (panel) {
      poll(panel);
    }
  });
})();
