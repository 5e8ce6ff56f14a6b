package dev.llamapanama.engine.service;

import static dev.llamapanama.engine.service.Drafting.alone;
import static dev.llamapanama.engine.service.Drafting.options;
import static dev.llamapanama.engine.service.Drafting.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which models can guess for which. */
@ExtendWith(NoLeaks.class)
class DraftCompatibilityTest {
    @Test
    void whatCannotGuessIsRefused(@TempDir Path folder) throws Exception {
        ModelSpec llama = TinyModels.llama();
        refused(Models.llama(), Models.forged(TinyModels.mamba()), "recurrent");
        refused(Models.llama(), Models.forged(TinyModels.qwen35()), "hybrid");
        refused(Models.llama(), Models.forged(TinyModels.bert()), "WPM and BPE");
        refused(Models.forged(TinyModels.mamba()), Models.llama(), "wrong guesses");
        refused(Models.forged(TinyModels.qwen35()), Models.llama(), "wrong guesses");
        refused(Models.llama(), forged(llama, 512 + 129), "641 and 512 tokens");
        refused(Models.llama(), renamed(folder, 300), "token 300");
        refused(Models.llama(), Models.forged(TinyModels.gemma3()), "begin");
        accepted(renamed(folder, 4));
        accepted(forged(llama, 512 + 128));
        accepted(forged(llama, 512 - 128));
    }

    private static Path forged(ModelSpec spec, int vocabulary) {
        return Models.forged(ModelSpec.builder(spec.name() + "-vocabulary", spec.architecture())
                .layers(spec.layers())
                .embeddingLength(spec.embeddingLength())
                .heads(spec.heads(), spec.kvHeads())
                .feedForwardLength(spec.feedForwardLength())
                .vocabularySize(vocabulary)
                .seed(spec.seed())
                .build());
    }

    /** A model whose token has another text. */
    private static Path renamed(Path folder, int token) throws Exception {
        String text;
        try (Model model = Model.load(Models.llama())) {
            text = model.vocabulary().info(token).text();
        }
        byte[] name = text.getBytes(StandardCharsets.UTF_8);
        byte[] wanted = new byte[8 + name.length]; // a length before it, as GGUF writes texts
        wanted[0] = (byte) name.length;
        System.arraycopy(name, 0, wanted, 8, name.length);
        byte[] file = Files.readAllBytes(Models.llama());
        int at = 0;
        while (!Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length)) {
            at++;
        }
        file[at + wanted.length - 1] = '~';
        return Files.write(folder.resolve("renamed-" + token + ".gguf"), file);
    }

    private static void refused(Path target, Path drafter, String why) {
        try (Model model = Model.load(target);
                Model draft = Model.load(drafter)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> InferenceService.create(
                            model, options(512).draftModel(draft).build()))
                    .withMessageContaining(why);
        }
    }

    /** And guesses without harm, tokens that only one of the two has included. */
    private static void accepted(Path drafter) {
        try (Model model = Model.load(Models.llama());
                Model draft = Model.load(drafter);
                InferenceService service = InferenceService.create(
                        model, options(512).draftModel(draft).build())) {
            int[] prompt = Services.prompt(3, 30);
            assertThat(tokens(service.submit(Services.request(prompt, 60)))).isEqualTo(alone(model, prompt, 60));
            assertThat(service.statistics().draftedTokens()).isPositive();
        }
    }
}
