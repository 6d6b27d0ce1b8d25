/** What goes wrong on a page besides what it shows: failed calls and errors nobody caught. */
import type { Page } from "@playwright/test";

/** Collects failed requests and error answers from now on; `expected` ones are left out. */
export const failedCalls = (page: Page, expected: RegExp = /^$/): readonly string[] => {
  const failed: string[] = [];
  const add = (told: string): void => {
    if (!expected.test(told)) failed.push(told);
  };
  page.on("response", (answer) => {
    if (answer.status() >= 400)
      add(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // What the page itself gave up, such as a picture scrolled away, is no failure.
    if (why !== "net::ERR_ABORTED") add(`${why} ${request.method()} ${request.url()}`);
  });
  return failed;
};
