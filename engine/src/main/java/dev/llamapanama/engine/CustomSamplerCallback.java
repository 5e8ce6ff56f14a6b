package dev.llamapanama.engine;

import dev.llamapanama.bindings.SamplerUpcall;
import dev.llamapanama.bindings.TokenCandidates;

/** Hands native calls to a {@link CustomSampler}. */
final class CustomSamplerCallback implements SamplerUpcall.Callback {
    private final CustomSampler sampler;

    CustomSamplerCallback(CustomSampler sampler) {
        this.sampler = sampler;
    }

    @Override
    public void apply(TokenCandidates candidates) {
        Candidates view = new Candidates(candidates);
        try {
            sampler.apply(view);
        } finally {
            view.invalidate();
        }
    }

    @Override
    public void accept(int token) {
        sampler.accept(token);
    }

    @Override
    public void reset() {
        sampler.reset();
    }
}
