package dev.llamapanama.chat.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaCheckTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'type':'string'}",
                "{'type':['string','null'],'minLength':1,'maxLength':9}",
                "{'type':'string','pattern':'^[a-z]{2,3}(-[0-9]+)?$'}",
                "{'type':'string','format':'date-time','description':'when'}",
                "{'type':'integer','minimum':0,'maximum':100}",
                "{'type':'integer','minimum':-3}",
                "{'type':'integer','minimum':110}",
                "{'type':'integer','exclusiveMaximum':1}",
                "{'type':'number'}",
                "{'const':'a'}",
                "{'type':'string','enum':['a','b']}",
                "{'enum':['a',1,null]}",
                "{'type':'array','items':{'type':'boolean'},'minItems':1,'maxItems':2000}",
                "{'type':'array','prefixItems':[{'type':'integer'},{'type':'string'}],'minItems':2,'maxItems':2}",
                "{'type':'object'}",
                "{'type':'object','additionalProperties':{'type':'integer'}}",
                "{'properties':{'a':{'type':'string'}},'required':['a']}",
                "{'type':'object','properties':{'a':{'$ref':'#/$defs/A','description':'x'}},"
                        + "'$defs':{'A':{'type':'null'}},'additionalProperties':false}",
                "{'$ref':'#/$defs/A','$defs':{'A':{'type':'array','items':{'$ref':'#/$defs/A'}}}}",
                "{'oneOf':[{'type':'string'},{'type':'integer'}]}",
                "{'oneOf':[{'type':'object','properties':{'k':{'const':1}},'required':['k']},"
                        + "{'type':'object','properties':{'k':{'const':2}},'required':['k']}]}",
                "{'anyOf':[{'type':'string'},{'enum':['a']}]}",
                "{'allOf':[{'type':'object','properties':{'a':{'type':'null'}}},"
                        + "{'type':'object','properties':{'b':{'type':'null'}}}]}"
            })
    void whatTheGrammarEnforcesIsTaken(String schema) {
        assertThatCode(() -> SchemaCheck.requireSupported(json(schema))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // what the converter does not read
                "{'not':{}} | not | #",
                "{'type':'string','if':{},'then':{}} | if | #",
                "{'type':'array','uniqueItems':true} | uniqueItems | #",
                "{'type':'array','contains':{}} | contains | #",
                "{'type':'array','unevaluatedItems':false} | unevaluatedItems | #",
                "{'type':'object','patternProperties':{}} | patternProperties | #",
                "{'type':'object','propertyNames':{}} | propertyNames | #",
                "{'type':'object','dependentRequired':{}} | dependentRequired | #",
                "{'type':'object','minProperties':1} | minProperties | #",
                "{'type':'object','properties':{'a':{'type':'number','multipleOf':2}}} | multipleOf | #/properties/a",
                "{'$id':'http://a'} | $id | #",
                "{'$anchor':'a'} | $anchor | #",
                "{'nullable':true} | nullable | #",
                // what it reads elsewhere, and ignores here
                "{'type':'number','minimum':1} | minimum | #",
                "{'type':'number','exclusiveMaximum':1} | exclusiveMaximum | #",
                "{'type':['number','integer'],'minimum':1} | minimum | #",
                "{'minimum':1} | type | #",
                "{'type':'boolean','minLength':1} | minLength | #",
                "{'type':'string','pattern':'^a$','minLength':1} | minLength | #",
                "{'type':'string','pattern':'^a$','format':'date'} | format | #",
                "{'type':'string','format':'date','maxLength':1} | maxLength | #",
                "{'type':'string','format':'email'} | format | #",
                "{'type':'integer','minimum':1,'exclusiveMinimum':1} | exclusiveMinimum | #",
                "{'const':1,'enum':[1]} | enum | #",
                "{'const':'abc','minLength':4} | minLength | #",
                "{'type':'string','enum':['a',1]} | enum | #",
                "{'anyOf':[{}],'type':'object'} | type | #",
                "{'anyOf':[{}],'oneOf':[{}]} | anyOf | #",
                "{'$ref':'#/$defs/A','type':'string','$defs':{'A':{}}} | type | #",
                "{'type':'array','items':{},'prefixItems':[{}]} | prefixItems | #",
                "{'type':'array','prefixItems':[{}],'minItems':2} | minItems | #",
                "{'type':'object','required':['a']} | required | #",
                "{'type':'object','properties':{'a':{}},'additionalProperties':true} | additionalProperties | #",
                "{'type':'object','properties':{},'allOf':[{}]} | properties | #",
                "{'allOf':[{'type':'string'}]} | allOf | #/allOf/0",
                "{'allOf':[{'anyOf':[{}]}]} | allOf | #/allOf/0",
                // what it gets wrong
                "{'oneOf':[{'type':'integer'},{'type':'number'}]} | oneOf | #",
                "{'type':'integer','minimum':100} | minimum | #",
                "{'type':'integer','minimum':1205} | minimum | #",
                "{'type':'integer','maximum':-5} | maximum | #",
                "{'type':'integer','maximum':1e300} | maximum | #",
                "{'type':'array','maxItems':2001} | maxItems | #",
                "{'type':'string','maxLength':1.5} | maxLength | #",
                "{'type':'object','properties':{'':{}}} | properties | #",
                "{'type':'object','properties':{'*':{}}} | properties | #",
                "{'type':'object','properties':{'date_time':{}}} | properties | #/properties/date_time",
                "{'anyOf':[{'$ref':'#/$defs/a_b'},{'$ref':'#/$defs/a-b'}],'$defs':{'a_b':{},'a-b':{}}} | $ref | #/$defs/a-b",
                "{'type':'object','properties':{'ref-defs-a':{},'x':{'$ref':'#/$defs/a'}},'$defs':{'a':{}}} | $ref | #/$defs/a",
                // what is none
                "{'type':'text'} | type | #",
                "{'type':[]} | type | #",
                "{'enum':[]} | enum | #",
                "{'anyOf':[]} | anyOf | #",
                "{'type':'array','items':true} | boolean schema | #/items",
                "{'type':'array','items':[{}]} | items | #",
                "{'$ref':'http://a/b'} | $ref | #",
                "{'$ref':'#/$defs/A'} | $ref | #",
                "{'$ref':'#/$defs/A','$defs':{'A':{'$ref':'#/$defs/A'}}} | $ref | #/$defs/A",
                "{'$ref':'#/$defs/A','$defs':{'A':{'anyOf':[{'type':'null'},{'$ref':'#/$defs/A'}]}}} | $ref | #/$defs/A/anyOf/1",
                "{'type':'string','pattern':'a'} | pattern | #",
                "{'type':'array','minItems':2,'maxItems':1} | minItems | #"
            })
    void whatItDoesNotIsRefusedByNameAndPlace(String schema, String keyword, String place) {
        UnsupportedSchemaException refused = catchThrowableOfType(
                UnsupportedSchemaException.class, () -> SchemaCheck.requireSupported(json(schema)));

        assertThat(refused).as(schema).isNotNull();
        assertThat(refused.keyword()).isEqualTo(keyword);
        assertThat(refused.place()).isEqualTo(place);
        assertThat(refused).hasMessageStartingWith(keyword + " at " + place + ": ");
    }

    @Test
    void deepNestingIsRefused() {
        String schema = "{'type':'array','items':".repeat(100) + "{}" + "}".repeat(100);

        assertThat(catchThrowableOfType(
                                UnsupportedSchemaException.class, () -> SchemaCheck.requireSupported(json(schema)))
                        .keyword())
                .isEqualTo("nesting");
    }

    @Test
    void whatIsNoObjectIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> SchemaCheck.requireSupported("[]"));
        assertThatIllegalArgumentException().isThrownBy(() -> SchemaCheck.requireSupported("{"));
    }

    private static String json(String quoted) {
        return quoted.replace('\'', '"');
    }
}
