"""Train the judge of bars: where sections begin, and what each bar belongs to.

Boundaries are the major ones of the truth; at minor ones nothing is asked. Pieces without labels (free
compositions) train boundaries alone. Bars are those of the truth, sometimes shifted by a beat or two, as
a tracker may get them wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from edm_core.segmentation.form import LABELS
from edm_core.segmentation.onsets import onset_envelopes
from edm_core.segmentation.portrait import FEATURES, audible, bar_edges, bar_features

from .dataset import pieces

WIDTH, STATE, DILATIONS = 48, 32, (1, 2, 4, 8)
BATCH = 12
KINDS = (0, 18, 66, 72, 77, 82, 87, 96, 103, 108)
"""Where the kinds of features begin; whole kinds are left out at times, so that none is relied on alone."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one piece.

    ``boundary`` is 1 where a section begins, -1 where nothing is asked; ``label`` the index of the label, -1
    without; ``also`` (bars, labels) what is accepted.
    """

    name: str
    features: NDArray[np.float32]
    boundary: NDArray[np.float32]
    label: NDArray[np.int64]
    also: NDArray[np.bool_]
    edges: NDArray[np.float64]


class FormNet(nn.Module):  # type: ignore[misc,unused-ignore]
    """Convolutions over bars, then a recurrent layer in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(FEATURES, WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS
        )
        self.recurrent = nn.GRU(WIDTH, STATE, batch_first=True, bidirectional=True)
        self.leave = nn.Linear(WIDTH + 2 * STATE, 1 + len(LABELS))
        self.drop = nn.Dropout(0.25)

    def forward(self, rows: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, bars, features) to (batch, bars, 1 + labels): log odds of a boundary, scores of labels.

        ``lengths`` are the bars of each piece where shorter ones are filled up with zeros.
        """
        state = self.drop(torch.relu(self.enter(rows))).transpose(1, 2)
        for layer in self.layers:
            state = state + self.drop(torch.relu(layer(torch.relu(state))))
        state = state.transpose(1, 2)
        if lengths is None:
            context, _ = self.recurrent(state)
        else:
            packed = pack_padded_sequence(state, lengths, batch_first=True, enforce_sorted=False)
            context, _ = pad_packed_sequence(self.recurrent(packed)[0], batch_first=True)
        return self.leave(self.drop(torch.cat([torch.relu(state), context], 2)))


def bars_of(
    name: str, spectrum: Any, envelopes: NDArray[np.float32], truth: dict[str, Any], shift: int = 0
) -> Bars | None:
    """Bars of a piece, each beginning ``shift`` beats late."""
    downbeats = np.array(truth["downbeats"])
    if len(downbeats) < 8:
        return None
    lengths = np.diff(downbeats)
    starts = downbeats + shift / truth.get("meter", 4) * np.append(lengths, lengths[-1])
    edges = bar_edges(starts, *audible(spectrum.level, 0.0, truth["duration"])) * 100.0
    if len(edges) < 8:
        return None
    count = len(edges) - 1
    boundary = np.zeros(count, np.float32)
    for entry in truth["boundaries"]:
        place = int(np.abs(edges[:-1] - entry["time"] * 100.0).argmin())
        near = abs(edges[place] - entry["time"] * 100.0) < 60.0 * lengths.mean()
        if near and (entry["major"] or boundary[place] == 0):
            boundary[place] = 1.0 if entry["major"] else -1.0
    # Where music begins and where the last bar ends is no boundary to find.
    music = (downbeats[0], downbeats[-1] + lengths[-1])
    boundary[(edges[:-1] < music[0] * 100 + 1) | (edges[:-1] > music[1] * 100 - 1)] = -1.0
    label = np.full(count, -1)
    also = np.zeros((count, len(LABELS)), bool)
    middles = (edges[:-1] + edges[1:]) / 200.0
    for section in truth["sections"]:
        inside = (middles >= section["start"]) & (middles < section["end"])
        if section["label"] in LABELS:
            label[inside] = LABELS.index(section["label"])
            for other in (section["label"], *section.get("also", [])):
                if other in LABELS:
                    also[inside, LABELS.index(other)] = True
    return Bars(name, bar_features(spectrum, envelopes, edges), boundary, label, also, edges)


def train(groups: list[list[Bars]], seed: int, epochs: int, validation: list[Bars] | None = None) -> FormNet:
    """Fit the network; each group holds the same piece with its bars shifted in several ways."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    net = FormNet()
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    batches = len(groups) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=epochs * batches + 1)
    for epoch in range(epochs):
        net.train()
        losses = []
        for batch in np.array_split(generator.permutation(len(groups)), batches):
            chosen = [_drawn(groups[place], generator) for place in batch]
            rows = [torch.from_numpy(_augmented(bars.features, generator)) for bars in chosen]
            out = net(pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows]))
            loss = torch.stack([_loss(out[i, : len(row)], chosen[i]) for i, row in enumerate(rows)]).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        if validation and (epoch % 5 == 4 or epoch == epochs - 1):
            print(epoch, round(float(np.mean(losses)), 4), evaluate(net, validation), flush=True)
    return net


def _drawn(group: list[Bars], generator: np.random.Generator) -> Bars:
    return group[0] if generator.uniform() < 0.75 else group[generator.integers(len(group))]


def _augmented(features: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    """Add noise, leave out single numbers and, at times, whole kinds of them."""
    noisy = features + generator.normal(0, 0.15, features.shape).astype(np.float32)
    noisy *= generator.uniform(size=(1, features.shape[1])) > 0.05
    for first, last in pairwise(KINDS):
        if generator.uniform() < 0.08:
            noisy[:, first:last] = 0.0
    return noisy


def _loss(out: torch.Tensor, bars: Bars) -> torch.Tensor:
    asked = torch.from_numpy(bars.boundary >= 0)
    loss = functional.binary_cross_entropy_with_logits(
        out[asked, 0], torch.from_numpy(bars.boundary)[asked], reduction="sum"
    ) * (4.0 / len(bars.boundary))
    labelled = torch.from_numpy(bars.label >= 0)
    if labelled.any():
        scores = functional.log_softmax(out[:, 1:], 1)
        accepted = scores.masked_fill(~torch.from_numpy(bars.also), -30.0)
        named = functional.nll_loss(scores[labelled], torch.from_numpy(bars.label)[labelled])
        loss = loss + 0.7 * named - 0.3 * torch.logsumexp(accepted[labelled], 1).mean()
    return loss


def evaluate(net: FormNet, validation: list[Bars]) -> dict[str, float]:
    """Average precision of boundaries and share of bars with the right label."""
    scores, hits, right = [], [], []
    net.eval()
    with torch.no_grad():
        for bars in validation:
            out = net(torch.from_numpy(bars.features)[None])[0].numpy()
            asked = bars.boundary >= 0
            asked[0] = False
            scores.append(out[asked, 0])
            hits.append(bars.boundary[asked])
            labelled = bars.label >= 0
            choice = out[:, 1:].argmax(1)
            right.append(bars.also[np.arange(len(choice)), choice][labelled])
    order = np.argsort(-np.concatenate(scores))
    hit = np.concatenate(hits)[order]
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    return {
        "average_precision": round(float((precision * hit).sum() / hit.sum()), 3),
        "label": round(float(np.concatenate(right).mean()), 3),
    }


def load(folders: Sequence[Path], shifts: tuple[int, ...] = (0, 1, 2)) -> list[list[Bars]]:
    """Bars of all pieces of folders, one group a piece."""
    groups = []
    for piece in pieces(folders):
        envelopes = onset_envelopes(piece.spectrum)
        made = [bars_of(piece.name, piece.spectrum, envelopes, piece.truth, shift) for shift in shifts]
        groups.append([bars for bars in made if bars is not None])
    return [group for group in groups if group]
