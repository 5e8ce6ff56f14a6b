package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelInfo;
import dev.llamapanama.engine.Vocabulary;
import dev.llamapanama.engine.VocabularyType;

/** Whether one model can guess for another ({@code common_speculative_are_compatible} of llama.cpp). */
final class DraftCompatibility {
    private static final int MOST_DIFFERENCE = 128; // padding of vocabularies differs
    private static final int FIRST_COMPARED = 5; // those before are marks, whose names differ

    private DraftCompatibility() {}

    /** @throws IllegalArgumentException if it cannot; says why */
    static void require(Model target, Model draft) {
        if (!draft.isOpen()) {
            throw cannot(draft, target, "it is closed");
        }
        if (isStateful(target.info())) {
            throw cannot(draft, target, "a recurrent or hybrid model cannot take back wrong guesses");
        }
        ModelInfo info = draft.info();
        if (!info.hasDecoder() || info.hasEncoder() || isStateful(info)) {
            throw cannot(
                    draft,
                    target,
                    "it must be decoder-only, and neither recurrent nor hybrid, as " + info.architecture() + " is not");
        }
        Vocabulary wanted = target.vocabulary();
        Vocabulary given = draft.vocabulary();
        if (wanted.type() != given.type()) {
            throw cannot(draft, target, "their vocabularies are " + given.type() + " and " + wanted.type());
        }
        if (wanted.addsBos() != given.addsBos()
                || wanted.addsBos() && !wanted.bos().equals(given.bos())
                || wanted.addsEos() != given.addsEos()
                || wanted.addsEos() && !wanted.eos().equals(given.eos())) {
            throw cannot(draft, target, "their texts begin or end with different tokens");
        }
        if (Math.abs(wanted.size() - given.size()) > MOST_DIFFERENCE) {
            throw cannot(
                    draft, target, "their vocabularies have " + given.size() + " and " + wanted.size() + " tokens");
        }
        if (wanted.type() != VocabularyType.NONE && wanted != given) {
            requireSameTexts(target, draft);
        }
    }

    private static void requireSameTexts(Model target, Model draft) {
        Vocabulary wanted = target.vocabulary();
        Vocabulary given = draft.vocabulary();
        int common = Math.min(wanted.size(), given.size());
        for (int token = FIRST_COMPARED; token < common; token++) {
            String text = wanted.info(token).text();
            String other = given.info(token).text();
            if (!text.equals(other)) {
                throw cannot(draft, target, "token %d is \"%s\" and \"%s\"".formatted(token, other, text));
            }
        }
    }

    private static boolean isStateful(ModelInfo info) {
        return info.recurrent() || info.hybrid();
    }

    private static IllegalArgumentException cannot(Model draft, Model target, String why) {
        return new IllegalArgumentException(draft + " cannot draft for " + target + ": " + why);
    }
}
