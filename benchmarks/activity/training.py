"""Train the judge of activity: which cells of 0.1 s hold speech, and which music.

Convolutions over cells that look further with each layer, 6.3 s to either side in the end: no state, so that
a recording read in blocks gives what it gives in one piece. Beside each cell's spectrum they see the lowest
that each band reached within 2.5 s: what goes on between the words (minimum statistics; Martin, "Noise power
spectral density estimation", IEEE TSAP 2001).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from edm_core.segmentation._activity_features import FEATURES, PARTS

from .dataset import Rows

WIDTH, DILATIONS = 48, (1, 2, 4, 8, 16, 32)
BANDS, FLOOR = PARTS["mel"], 51
"""Bands of the spectrum, and cells whose lowest is taken."""
CROP, BATCH = 400, 16
SPEECH_COUNTS = 1.5
"""A cell of speech that is missed costs so much more than one that is invented: words would be lost."""


class ActivityNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """(batch, cells, features) to (batch, cells, 2): log odds of speech and of music."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(FEATURES, WIDTH)
        self.floor = nn.Linear(BANDS, WIDTH, bias=False)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS
        )
        self.leave = nn.Linear(WIDTH, 2)
        self.drop = nn.Dropout(0.1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Score each cell in its context."""
        spectrum = rows[:, :, :BANDS].transpose(1, 2)
        lowest = -functional.max_pool1d(-spectrum, FLOOR, 1, FLOOR // 2).transpose(1, 2)
        state = self.drop(torch.relu(self.enter(rows) + self.floor(lowest))).transpose(1, 2)
        for layer in self.layers:
            state = state + self.drop(torch.relu(layer(torch.relu(state))))
        return self.leave(torch.relu(state).transpose(1, 2))


def train(rows: Sequence[Rows], checked: Sequence[Rows], seed: int, epochs: int) -> ActivityNet:
    """Fit the network; after some epochs print how good it is on mixes of other packages."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    net = ActivityNet()
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    batches = sum(len(item.speech) for item in rows) // (CROP * BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * batches + 1)
    for epoch in range(epochs):
        net.train()
        losses = []
        for _ in range(batches):
            features, targets, weights = _batch(rows, generator)
            loss = functional.binary_cross_entropy_with_logits(net(features), targets, weights)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        if checked and (epoch % 5 == 4 or epoch == epochs - 1):
            print(epoch, round(float(np.mean(losses)), 4), evaluate(net, checked), flush=True)
    return net


def evaluate(net: ActivityNet, checked: Sequence[Rows]) -> dict[str, float]:
    """Share of cells whose label is right, by kind of mix, before any smoothing."""
    net.eval()
    hits: dict[str, list[NDArray[np.bool_]]] = {}
    with torch.no_grad():
        for item in checked:
            found = net(torch.from_numpy(item.features)[None])[0].numpy() > 0
            right = (found[:, 0] == item.speech) & (found[:, 1] == item.music)
            hits.setdefault(item.kind, []).append(right)
            hits.setdefault("all", []).append(right)
    return {kind: round(float(np.concatenate(parts).mean()), 3) for kind, parts in hits.items()}


def _batch(
    rows: Sequence[Rows], generator: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    crops, targets, weights = [], [], []
    for _ in range(BATCH):
        item = rows[int(generator.integers(len(rows)))]
        first = int(generator.integers(max(1, len(item.speech) - CROP + 1)))
        part = slice(first, first + CROP)
        crops.append(_augmented(item.features[part], generator))
        targets.append(np.stack([item.speech[part], item.music[part]], 1).astype(np.float32))
        sure = item.certain[part].astype(np.float32)
        weights.append(np.stack([np.where(item.speech[part], SPEECH_COUNTS, 1.0), sure], 1))
    stacked = [torch.from_numpy(np.stack(part).astype(np.float32)) for part in (crops, targets, weights)]
    return stacked[0], stacked[1], stacked[2]


def _augmented(features: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    """Other loudness, other tone control, other key; at times a deaf voice detector."""
    out = features.copy()
    mel, change, chroma, voice = np.cumsum([0, *PARTS.values()])[:4]
    gain = generator.normal(0, 0.15)
    curve = np.interp(np.arange(64), np.linspace(0, 63, 6), generator.normal(0, 0.15, 6))
    out[:, mel:change] += (gain + curve).astype(np.float32)
    out[:, -1] += np.float32(gain)
    out[:, chroma:voice] = np.roll(out[:, chroma:voice], int(generator.integers(12)), 1)
    if generator.uniform() < 0.1:
        out[:, voice : voice + 2] *= np.float32(generator.uniform(0, 0.7))
    out += generator.normal(0, 0.03, out.shape).astype(np.float32)
    return out
