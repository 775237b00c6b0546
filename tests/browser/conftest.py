# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium that opens pages, and records every error and request in them."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "tests/output/browser"
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests/unit"), str(Path(__file__).parent)]

from chromium import chromium  # noqa: E402

Open = Callable[..., Page]

# The number of colours of a picture, and the brightness of its first corner
COLOURS = """(picture) => new Promise((done) => {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
    done([new Set(pixels).size, context.getImageData(2, 2, 1, 1).data[0]]);
  };
  image.src = `data:image/png;base64,${picture}`;
})"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page from a file; asserts at the end that there was no error and no request."""
    wrong: list[str] = []
    contexts = []

    def open_page(text: str, **options: Any) -> Page:
        file = tmp_path / "preflight.html"
        file.write_text(text)
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda request: wrong.append(request.url) if request.url != file.as_uri() else None)
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page], bytes]:
    """Return a function that saves a screenshot of a page, for people to look at."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    return lambda page: page.screenshot(path=OUTPUT / f"{request.node.name}.png")


@pytest.fixture
def painted(browser: Browser, shot: Callable[[Page], bytes]) -> Callable[[Page], tuple[int, int]]:
    """Return a function that returns the number of colours of a page, and the brightness of its ground (0 to 255)."""

    def count(page: Page) -> tuple[int, int]:
        plain = browser.new_page()
        colours, ground = plain.evaluate(COLOURS, base64.b64encode(shot(page)).decode())
        plain.close()
        return colours, ground

    return count
