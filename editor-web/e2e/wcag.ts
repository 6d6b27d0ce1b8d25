/** A screen against WCAG 2.2 AA. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What is wrong on the page, one line each: the rule, where, why. */
const violations = async (page: Page): Promise<readonly string[]> => {
  // A colour on its way from one to another has the contrast of neither.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime ?? 0))
        .map((one) => one.finished),
    ).then(() => undefined),
  );
  const { violations: found, passes } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  expect(passes.length).toBeGreaterThan(5); // it has looked
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
  );
};

/** Fails with every violation, and goes on: one run tells of all screens. */
export const clean = async (page: Page, screen: string = page.url()): Promise<void> => {
  expect.soft(await violations(page), screen).toEqual([]);
};
