"""Whether somebody's words ask for help, whatever they answered.

Short lists of phrases, by language, looked for as whole words without regard to case and accents. Where it is not
sure, it says yes: a colleague who looks once too often costs a minute, a customer left alone costs more. A kind word
such as “thank you for your help” asks for nothing and is in no list; a stem ends in `*`.
"""

import re
import unicodedata
from functools import cache

# Being called back, somebody to speak to, money back, a complaint, still waiting, still broken.
_PHRASES: dict[str, str] = {
    "en": """
        please help; help me; help us; need help; need some help; need your help; can you help; could you help;
        can somebody help; can someone help; could someone help; anyone help; call me; ring me; phone me; call us;
        call back; ring back; rang back; called back; phone back; contact me; contact us; get in touch; get back to me;
        write to me; email me; write back; speak to a; speak to someone; speak to somebody; want to speak;
        need to speak; like to speak; speak with a; talk to someone; talk to somebody; want to talk; need to talk;
        manager; supervisor; refund*; money back;
        reimburse*; compensat*; complain*; unresolved; not resolved; not been resolved; not solved; still waiting;
        still not; still no; still have not; still haven't; still broken; still missing; still wrong; still need;
        never arrived; has not arrived; hasn't arrived; not arrived; never came; no reply; no answer; nobody answered;
        no one answered; where is my; where's my; urgent*; as soon as possible; asap; emergency; cancel my; lawyer;
        solicitor; sort it out; sort this out; put it right; put this right; fix this; fix it; replace it; replacement;
        what should i do; what do i do; what can i do; please advise; waiting for; cannot reach; can't reach;
        does not work; doesn't work; not working
    """,
    "de": """
        bitte helfen; brauche hilfe; brauchen hilfe; um hilfe; hilfe bitte; bitte hilfe; helfen sie; helft;
        konnen sie mir helfen; brauche unterstutzung; ruckruf*; zuruckruf*; zuruckgerufen; anrufen; zuruckmelden;
        rufen sie; ruft mich; melden sie sich; meldet euch; kontaktieren; schreiben sie mir; bitte um antwort;
        keine antwort; geld zuruck; erstatt*; ruckerstatt*; entschadig*; schadenersatz; beschwer*; reklam*; anwalt;
        vorgesetzt*; geschaftsfuhr*; noch immer; immer noch; noch nicht; nie angekommen; nicht angekommen;
        nicht erhalten; wo bleibt; wo ist mein*; dringend; sofort; so schnell wie moglich; warte auf; warte noch;
        warte seit; nicht gelost; ungelost; funktioniert nicht; geht nicht; defekt; stornier*; was soll ich;
        was kann ich
    """,
    "fr": """
        aidez; aide moi; m'aider; nous aider; besoin d'aide; au secours; rappelez; rappelle*; me rappeler; appelez moi;
        contactez; me contacter; ecrivez moi; repondez; pas de reponse; sans reponse; aucune reponse; rembours*;
        dedommag*; indemnis*; plainte*; reclamation*; plaindre; avocat; responsable; directeur; directrice;
        toujours pas; toujours rien; encore rien; j'attends; attends toujours; en attente; jamais arrive*;
        jamais recu*; pas recu*; pas arrive*; ou est mon; ou est ma; ou sont mes; urgen*; au plus vite;
        des que possible; pas resolu*; non resolu*; ne marche pas; ne fonctionne pas; annuler; annulez; que faire;
        que dois je
    """,
    "es": """
        ayuda por favor; ayudenme; ayudeme; ayudarme; ayudarnos; necesito ayuda; necesitamos ayuda; socorro; llamenme;
        llameme; llamarme; que me llamen; devuelvan la llamada; contactenme; contacteme; contactarme;
        pongase en contacto; ponganse en contacto; escribanme; respondan; sin respuesta; ninguna respuesta; reembols*;
        devolucion; devuelvan; mi dinero; indemniz*; compens*; queja*; quejar*; reclam*; abogad*; encargad*; gerente;
        responsable; todavia no; aun no; sigo esperando; seguimos esperando; sigo sin; seguimos sin; estoy esperando;
        nunca llego; no ha llegado; no llego; no he recibido; donde esta mi; urgen*; cuanto antes;
        lo antes posible; sin resolver; no resuelto; no resolvieron; no funciona; cancelar; cancelen; que hago;
        que puedo hacer
    """,
    "pt": """
        ajuda por favor; ajudem; ajude me; me ajude; me ajudem; ajudar me; preciso de ajuda; precisamos de ajuda;
        socorro; liguem me; ligue me; me liguem; me ligue; liguem de volta; contactem; contacte me; entrem em contato;
        entre em contato; entrem em contacto; entre em contacto; escrevam me; respondam; sem resposta;
        nenhuma resposta; reembols*; devoluc*; devolvam; meu dinheiro; indeniz*; indemniz*; compensac*; queixa*;
        reclam*; advogad*; gerente; responsavel; ainda nao; ainda estou; continuo a espera; continuo sem; a espera;
        estou esperando; nunca chegou; nao chegou; nao recebi; onde esta; urgen*; o mais rapido possivel;
        quanto antes; sem solucao; nao resolvi*; nao foi resolvid*; nao funciona; cancelar; cancelem; o que faco;
        o que devo
    """,
    "ar": """
        ساعدوني; ساعدني; ساعدونا; ساعدوا; احتاج مساعدة; احتاج الى مساعدة; اريد مساعدة;
        ارجو المساعدة; الرجاء المساعدة; النجدة; اتصلوا; اتصل بي; الاتصال بي;
        تواصلوا; تواصل معي; التواصل معي; ردوا; الرد علي; لا رد; دون رد; لم يرد; لم يتصل; استرداد; استرجاع; اموالي;
        فلوسي; نقودي; تعويض; شكوى; اشتكي; اشكو; محامي; محام; المدير; مدير; المسؤول; ما زلت; مازلت; لا زلت; لازلت;
        لا يزال; انتظر; في انتظار; بانتظار; لم يصل; لم تصل; لم استلم; لم يحل; لم تحل; اين طلبي; اين; عاجل*; مستعجل;
        باسرع وقت; في اقرب وقت; لا يعمل; لا تعمل; معطل; الغاء; الغوا; ماذا افعل
    """,
}
_ALIKE = str.maketrans("أإآٱى’‘`´", "ااااي''''", "ـ")


def asks_for_help(text: str, language: str) -> bool:
    """Tell whether a comment asks for help, by the phrases of its writer's language and of English.

    `language`: a code such as en or pt-BR; of a language without phrases all lists are tried. Empty text asks nothing.
    """
    spoken = language.lower().replace("_", "-").partition("-")[0]
    lists = ("en", spoken) if spoken in _PHRASES else tuple(_PHRASES)
    words = _fold(text)
    return any(_pattern(one).search(words) for one in lists)


def _fold(text: str) -> str:
    """Return words as they are compared: no case, no accents, no vowel marks, plain apostrophes, single spaces."""
    apart = unicodedata.normalize("NFKD", text.translate(_ALIKE).casefold())
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign)).translate(_ALIKE)
    return " ".join(re.sub(r"[^\w']+", " ", plain).split())


@cache
def _pattern(language: str) -> re.Pattern[str]:
    phrases = (_stem(phrase.strip()) for phrase in _PHRASES[language].split(";"))
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)")


def _stem(phrase: str) -> str:
    folded = re.escape(_fold(phrase.rstrip("*")))
    return folded + r"\w*" if phrase.endswith("*") else folded
