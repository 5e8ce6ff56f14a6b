package dev.llamapanama.bench.jmh;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Model;
import dev.llamapanama.gguf.forge.TinyModels;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A context that has decoded one token, with as many logits as Llama 2 or Qwen2.5 have; its model has one layer. */
@State(Scope.Benchmark)
public class WideVocabulary {
    /** Number of tokens. */
    @Param({"32000", "151936"})
    public int vocabulary;

    private Model model;
    private Context context;

    /** Forges the model, the first time, loads it and decodes. */
    @Setup(Level.Trial)
    public void decode() throws IOException {
        model = Model.load(TinyModel.file(TinyModels.llama().toBuilder()
                .layers(1)
                .tiedEmbeddings(true)
                .weights(WeightFormat.F16)
                .vocabularySize(vocabulary)
                .build()));
        context = model.newContext(TinyModel.oneThread(32));
        context.batch().add(token("a"), 0, 0, true);
        context.decode();
    }

    /** Closes both. */
    @TearDown(Level.Trial)
    public void close() {
        context.close();
        model.close();
    }

    Model model() {
        return model;
    }

    Context context() {
        return context;
    }

    /** The token that a letter is. */
    int token(String letter) {
        return model.vocabulary().tokenize(letter, false, false)[0];
    }
}
