"""The pictures of pages, taken by Chromium of a running server: needs Selenium, Pillow and Debian's chromium-driver.

    sfm serve REAL.sfm --port 8750 &
    python docs/images/make_browser_images.py

REAL.sfm: an archive of the real exports of `tests/data`, of which event 1 is drawn.
"""

from __future__ import annotations

import io
import time
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver import ActionChains

HERE = Path(__file__).parent


def main() -> None:
    """Take them."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        browser.set_window_size(1250, 1000)
        browser.get("http://127.0.0.1:8750/real/event/1")
        time.sleep(0.5)
        canvas = browser.find_element("css selector", "#viewer canvas")
        drag = ActionChains(browser).move_to_element_with_offset(canvas, -480, 0).click_and_hold()
        drag.move_by_offset(170, 0).release().perform()
        time.sleep(0.7)  # the finer samples come
        ActionChains(browser).move_to_element_with_offset(canvas, -195, 0).perform()
        keep(browser, "browser-event")
        browser.get("http://127.0.0.1:8750/real/events?ppv-from=2mm/s")
        keep(browser, "browser-list")
        browser.set_window_size(500, 1000)
        browser.get("http://127.0.0.1:8750/real/")
        keep(browser, "browser-narrow")
    finally:
        browser.quit()


def keep(browser: webdriver.Chrome, name: str) -> None:
    """A picture in few colours."""
    time.sleep(0.4)
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    picture.quantize(200, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
