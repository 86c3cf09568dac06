"""Train the judge of half-beats: which are beats, which downbeats, and whether the grid has the right tempo.

Each piece gives its true grid and grids at wrong tempi (double, half, three halves, two thirds). On the true
one, every half-beat is to be told as downbeat, beat or off-beat, and the whole row, read as bars of three or
four beats with any first half-beat, is to say where bars begin; among the grids, the true one is to win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from edm_core.segmentation.onsets import onset_envelopes
from edm_core.segmentation.pulse import FEATURES, coarse_bands, pulse_features

from .dataset import pieces

WIDTH, DILATIONS = 40, (1, 2, 4, 8, 16, 32)
GRIDS = ((1.0, 0.0), (2.0, 0.0), (0.5, 0.0), (1.5, 0.0), (2 / 3, 0.0), (1.0, 0.25), (1.0, None))
"""Tempo, as a ratio to the true one, and offset in beats of the grids that are compared, the true one first;
None stands for an offset drawn at random."""
GROUPS = (0, 3, 6, 9, 12, 28, 33, 37, 40)
"""Where the kinds of features begin; whole kinds are left out at times, so that none is relied on alone."""
METERS = (4, 3)


@dataclass(frozen=True, slots=True)
class Row:
    """A grid of one piece: features, class of each half-beat (downbeat, beat, off-beat), and the truth."""

    features: NDArray[np.float32]
    classes: NDArray[np.int64]
    meter: int
    right: bool


class PulseNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """Dilated convolutions over half-beats; see van den Oord et al., "WaveNet", 2016, for the idea."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv1d(FEATURES, WIDTH, 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS
        )
        self.leave = nn.Conv1d(WIDTH, 4, 1)
        self.drop = nn.Dropout(0.15)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """(batch, half-beats, features) to (batch, half-beats, 4): three class scores and one of the grid."""
        state = self.enter(rows.transpose(1, 2))
        for layer in self.layers:
            state = state + self.drop(torch.relu(layer(torch.relu(state))))
        return self.leave(torch.relu(state)).transpose(1, 2)


def rows_of(spectrum: Any, truth: dict[str, Any], generator: np.random.Generator) -> list[list[Row]]:
    """Rows of one piece: for each stretch of steady tempo, one row a ratio."""
    beats = np.array(truth["beats"]) * 100.0
    downbeats = np.array(truth["downbeats"]) * 100.0
    if len(beats) < 24 or len(downbeats) < 4:
        return []
    envelopes, bands = onset_envelopes(spectrum), coarse_bands(spectrum)
    positions = np.abs(beats[:, None] - downbeats[None]).min(1) < 1.0
    steps = np.diff(beats)
    cuts = np.flatnonzero(np.abs(np.log(steps[1:] / steps[:-1])) > 0.02) + 1
    out = []
    for first, last in zip([0, *cuts], [*cuts, len(beats)], strict=True):
        own, is_first = beats[first:last], positions[first:last]
        if len(own) < 24 or not is_first.any():
            continue
        place = np.arange(len(own))
        jitter = generator.normal(0, 0.7)
        group = []
        for ratio, shift in GRIDS:
            offset = 0.5 * generator.integers(0, 2) if ratio != 1.0 else -0.5 * generator.integers(0, 2)
            if shift != 0.0:
                offset += generator.uniform(0.07, 0.43) if shift is None else shift
            steps_at = np.arange(offset, len(own) - 0.5, 0.5 / ratio)
            halves = np.interp(steps_at, place, own) + jitter
            halves += (steps_at < 0) * (own[1] - own[0]) * steps_at
            if halves[0] < 0:
                halves, steps_at = halves[1:], steps_at[1:]
            features = pulse_features(bands, spectrum.chroma, envelopes, halves)
            index = np.round(steps_at * 2).astype(int)
            whole = index % 2 == 0
            classes = np.where(whole, 1, 2)
            at = np.clip(index // 2, 0, len(own) - 1)
            classes[whole & is_first[at] & (index >= 0)] = 0
            bpm = 6000.0 / (2 * float(np.median(np.diff(halves))))
            accepted = bool(np.min(np.abs(np.array(truth["tempo"]["accept"]) / bpm - 1)) < 0.02)
            right = shift == 0.0 and (accepted or ratio == 1.0)
            group.append(Row(features, classes, int(truth.get("meter", 4)), right))
        out.append(group)
    return out


def hypothesis_scores(classes: torch.Tensor) -> torch.Tensor:
    """Return the log-likelihood of each meter and first half-beat, shape (8 + 6,), of (n, 3) class scores."""
    out = []
    index = torch.arange(len(classes))
    for meter in METERS:
        slots = 2 * meter
        totals = torch.zeros(slots, 3).index_add(0, index % slots, classes)
        for first in range(slots):
            shifted = totals.roll(-first, 0)
            out.append(shifted[0, 0] + shifted[2::2, 1].sum() + shifted[1::2, 2].sum())
    return torch.stack(out)


def hypothesis(row: Row, start: int) -> int:
    """Index of the true meter and first half-beat of a row that is cut at ``start``."""
    slots = 2 * row.meter
    first = (int(np.flatnonzero(row.classes == 0)[0]) - start) % slots
    return first + (0 if row.meter == 4 else 8)


def train(
    groups: list[list[Row]], seed: int, epochs: int, validation: list[list[Row]] | None = None
) -> PulseNet:
    """Fit the network."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    net = PulseNet()
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-3)
    steps = epochs * len(groups) // 8
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps + 1)
    for epoch in range(epochs):
        net.train()
        order = generator.permutation(len(groups))
        losses = []
        for first in range(0, len(order) - 7, 8):
            loss = torch.zeros(())
            for place in order[first : first + 8]:
                loss = loss + _loss(net, groups[place], generator) / 8
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss))
        if validation and (epoch % 2 == 1 or epoch == epochs - 1):
            print(epoch, round(float(np.mean(losses)), 4), evaluate(net, validation), flush=True)
    return net


def _loss(net: PulseNet, group: list[Row], generator: np.random.Generator) -> torch.Tensor:
    length = int(generator.choice([48, 96, 192, 384]))
    share = generator.uniform()
    outputs = []
    for row in group:
        size = min(length, len(row.features))
        start = int(share * (len(row.features) - size))
        outputs.append((row, start, net(_augmented(row.features[start : start + size], generator)[None])[0]))
    row, start, out = outputs[0]
    classes = functional.log_softmax(out[:, :3], 1)
    target = torch.from_numpy(row.classes[start : start + len(out)])
    local = functional.nll_loss(classes, target, weight=torch.tensor([2.0, 1.0, 1.0]))
    scores = hypothesis_scores(classes) / np.sqrt(len(out))
    bar = functional.cross_entropy(scores[None], torch.tensor([hypothesis(row, start)]))
    grids = torch.stack([out[:, 3].mean() for _, _, out in outputs]) * 4
    right = torch.tensor([row.right for row, _, _ in outputs])
    tempo = torch.logsumexp(grids, 0) - torch.logsumexp(grids[right], 0)
    return 0.5 * local + 0.5 * bar + 0.5 * tempo


def _augmented(features: NDArray[np.float32], generator: np.random.Generator) -> torch.Tensor:
    noisy = features + generator.normal(0, 0.15, features.shape).astype(np.float32)
    noisy[:, :-1] *= generator.uniform(size=(1, features.shape[1] - 1)) > 0.05
    for first, last in zip(GROUPS, GROUPS[1:], strict=False):
        if generator.uniform() < 0.1:
            noisy[:, first:last] = 0.0
    return torch.from_numpy(noisy)


def evaluate(net: PulseNet, groups: list[list[Row]]) -> dict[str, float]:
    """Share of pieces whose bar start, beat half and grid are found."""
    net.eval()
    found = {"bar": [], "half": [], "grid": []}  # type: dict[str, list[bool]]
    with torch.no_grad():
        for group in groups:
            outputs = [net(torch.from_numpy(row.features)[None])[0] for row in group]
            scores = hypothesis_scores(functional.log_softmax(outputs[0][:, :3], 1))
            best, true = int(scores.argmax()), hypothesis(group[0], 0)
            found["bar"].append(best == true)
            found["half"].append(best % 2 == true % 2)
            found["grid"].append(group[int(np.argmax([float(out[:, 3].mean()) for out in outputs]))].right)
    return {name: round(float(np.mean(values)), 3) for name, values in found.items()}


def load_groups(folders: Sequence[Path], seed: int) -> list[list[Row]]:
    """Rows of all pieces of folders."""
    generator = np.random.default_rng(seed)
    return [group for piece in pieces(folders) for group in rows_of(piece.spectrum, piece.truth, generator)]
