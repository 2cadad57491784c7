"""The pages in a real browser: headless Chromium of the system, driven by Selenium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import sfm_archive as sfm

CHROMIUM, DRIVER = (
    next(filter(None, map(shutil.which, names)), None)
    for names in (("chromium", "chromium-browser", "google-chrome"), ("chromedriver", "chromium-driver"))
)
pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="no Chromium with its driver is here: apt-get install chromium chromium-driver",
    ),
    pytest.mark.xdist_group("browser"),
]
TOKENS = "Ann Miller: 0123456789abcdef-ann\n"
PAGES = ("", "events?since=2026-05", "event/1", "event/3", "event/1?interval=1", "job/1", "compare?event=3&event=6")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for all tests of this file."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.downloads = downloads
    driver.set_page_load_timeout(30)
    driver.set_window_size(1250, 900)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def looked_at(made_once, served, tmp_path_factory) -> Iterator[tuple[Any, Path]]:
    """A server with --review on a copy, and where that lies."""
    path = tmp_path_factory.mktemp("browser") / "quarry.sfm"
    shutil.copyfile(made_once / "quarry.sfm", path)
    with sfm.open(path) as archive:
        sfm.add_blast(archive, "1", at=datetime(2026, 5, 12, 13, 0), zone="UTC", name="A 12")
    with served(path, "--review", SFM_TOKENS=TOKENS) as running:
        yield running, path


@pytest.fixture
def page(browser, looked_at):
    """Opens pages of the archive, logged in, and looks whether the browser complained."""
    running, _ = looked_at
    browser.set_window_size(1250, 900)

    def opened(address: str) -> Any:
        browser.get("about:blank")
        browser.get(f"{running.address}/quarry/{address}")
        if "/login" in browser.current_url:
            find(browser, "#token").send_keys("0123456789abcdef-ann")
            find(browser, "form.stack button").click()
            until(browser, "!location.pathname.startsWith('/login') && document.readyState === 'complete'")
            browser.get(f"{running.address}/quarry/{address}")
        assert find(browser, "h1").text
        return browser

    yield opened
    complaints = [one["message"] for one in browser.get_log("browser") if one["level"] in ("SEVERE", "WARNING")]
    assert complaints == []


def find(browser: Any, selector: str) -> Any:
    return browser.find_element("css selector", selector)


def until(browser: Any, script: str) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 15).until(lambda driver: driver.execute_script(f"return {script}"))


def shown_part(browser: Any) -> tuple[int, int]:
    found = find(browser, "#viewer")
    return int(found.get_attribute("data-first")), int(found.get_attribute("data-behind"))


def test_traces_are_zoomed_and_read_with_pointer_and_keyboard(page):
    from selenium.webdriver import ActionChains, Keys

    browser = page("event/3")
    canvas = find(browser, "#viewer canvas")
    assert not find(browser, "#record").is_displayed(), "the viewer stands in the picture's place"
    whole = shown_part(browser)
    ActionChains(browser).move_to_element_with_offset(canvas, -200, 0).click_and_hold().move_by_offset(
        150, 0
    ).release().perform()
    part = shown_part(browser)
    assert whole[0] < part[0] < part[1] < whole[1]
    ActionChains(browser).move_to_element(canvas).perform()
    said = until(browser, "document.getElementById('readout').textContent")
    for channel in ("Tran", "Vert", "Long", "MicL"):
        assert channel in said
    canvas.send_keys(Keys.ARROW_RIGHT)
    assert until(browser, "document.getElementById('readout').textContent") != said
    canvas.send_keys("+")
    closer = shown_part(browser)
    assert closer[1] - closer[0] < part[1] - part[0]
    canvas.send_keys(Keys.PAGE_DOWN)
    assert shown_part(browser)[0] > closer[0]
    canvas.send_keys(Keys.HOME)
    assert shown_part(browser) == whole
    find(browser, "[data-act=closer]").click()
    assert shown_part(browser)[1] - shown_part(browser)[0] < whole[1] - whole[0]


def test_a_click_on_a_bar_leads_to_its_interval(page):
    from selenium.webdriver import ActionChains

    browser = page("event/1")
    ActionChains(browser).move_to_element(find(browser, "#viewer canvas")).click().perform()
    until(browser, "location.search.includes('interval=')")
    assert "to" in find(browser, "#interval-time").text


def test_filters_a_page_and_the_back_button(page):
    browser = page("events")
    count = find(browser, "#count").text
    find(browser, "details summary").click()
    find(browser, "[name=serial]").send_keys("BE11529")
    find(browser, "form.filters button").click()
    until(browser, "location.search.includes('serial=BE11529')")
    narrowed = find(browser, "#count").text
    assert narrowed != count and find(browser, "[name=serial]").get_attribute("value") == "BE11529"
    find(browser, "#events tbody a").click()
    until(browser, "location.pathname.includes('/event/')")
    browser.back()
    until(browser, "location.search.includes('serial=BE11529')")
    assert find(browser, "#count").text == narrowed
    find(browser, "#events thead th a").click()
    until(browser, "location.search.includes('sort=')")


def test_a_false_trigger_is_marked_and_stands_in_the_list(page, looked_at):
    from selenium.webdriver.support.ui import Select

    browser = page("event/4")
    Select(find(browser, "#review-form select")).select_by_value("yes")
    find(browser, "#review-form [name=reason]").send_keys("truck on the <haul> road")
    find(browser, "#review-form button").click()
    until(browser, "document.querySelector('p.alarm') !== null")
    assert "truck on the <haul> road" in find(browser, "p.alarm").text
    browser.back()
    assert "false trigger" in page("events?event=4").find_element("css selector", "#events tbody").text
    with sfm.open(looked_at[1], read_only=True) as archive:
        assert [one.reviewer for one in archive.reviews(event_ids=[4])] == ["Ann Miller"]


def test_a_received_page_is_downloaded_and_never_opened(page):
    browser = page("event/1")
    address = browser.current_url
    link = next(one for one in browser.find_elements("css selector", ".files a") if "script" in one.text)
    link.click()
    until(browser, "true")
    for _ in range(150):
        found = list(browser.downloads.glob("*.HTML"))
        if found:
            break
        browser.execute_async_script("setTimeout(arguments[0], 100)")
    assert b"<script>" in found[0].read_bytes()
    assert browser.current_url == address and browser.title != "broken"


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_accessible_fit_a_narrow_screen_and_run_no_script_of_a_file(page, address):
    from importlib.resources import files

    browser = page(address)
    browser.execute_script((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = browser.execute_async_script("const done = arguments[0]; axe.run().then(done)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert browser.title != "broken" and browser.execute_script("return document.images.length") == 0
    browser.set_window_size(500, 800)
    wide, room = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= room, "tables move within the page, not the page"


def test_pages_from_disk_have_their_data_inside(browser, made_once, tmp_path):
    from click.testing import CliRunner

    from sfm_archive.cli import main

    arguments = ["page", str(made_once / "quarry.sfm"), "1", "3", "-o", str(tmp_path / "pages")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    names = ["event-1.html", "event-3.html", "index.html", "sfm.css", "viewer.js"]
    assert sorted(one.name for one in (tmp_path / "pages").iterdir()) == names
    assert CliRunner().invoke(main, arguments).exit_code == 0, "the same again is there already"
    browser.get_log("browser")
    browser.get((tmp_path / "pages" / "index.html").as_uri())
    assert [one.text for one in browser.find_elements("css selector", "tbody a")] == ["3", "1"]
    find(browser, "tbody a").click()
    until(browser, "location.pathname.endsWith('event-3.html')")
    whole = shown_part(browser)
    find(browser, "[data-act=closer]").click()
    assert shown_part(browser)[1] - shown_part(browser)[0] < whole[1] - whole[0]
    assert browser.execute_script("return getComputedStyle(document.body).marginTop") == "0px", "its style is there"
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert all(one.startswith(("file:", "data:")) for one in loaded)
    assert [one["message"] for one in browser.get_log("browser")] == []


def test_without_javascript_list_numbers_and_pictures_are_there(page):
    browser = page("event/3")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.refresh()
        assert find(browser, "#record svg").is_displayed() and not find(browser, "#viewer").is_displayed()
        assert "BE" in find(browser, "dl").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
