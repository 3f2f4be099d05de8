"""The sentences the rules say to staff: why an event was refused, what was missed, what to do. French first.

None repeats a value the sender gave, but ids and dates: sentences reach logs and the Temporal UI.
"""

from workflows.procedure.vocabulary import Language

_FR = Language.FR

_SENTENCES: dict[str, tuple[str, str]] = {
    # Refusals: what was refused, and what would be accepted.
    "in_court": (
        "Un tribunal est saisi : seul litigation_ended (ou reply_filed) est encore attendu.",
        "A court is seized: only litigation_ended (or reply_filed) is still expected.",
    ),
    "already_seized": (
        "Le médiateur est déjà saisi : enregistrez mediation_ended quand la médiation prend fin.",
        "The mediator is already seized: record mediation_ended when the mediation ends.",
    ),
    "already_answered": (
        "Une réponse a déjà été donnée : si elle change, enregistrez une nouvelle response_given.",
        "An answer was already given: if it changes, record a new response_given.",
    ),
    "nothing_awaited": (
        "La réponse est donnée : plus aucun courrier n'annoncera de date.",
        "The answer is given: no further letter will announce a date.",
    ),
    "no_mediation": (
        "Aucune médiation n'est en cours : enregistrez d'abord mediator_seized.",
        "No mediation is under way: record mediator_seized first.",
    ),
    "no_litigation": (
        "Aucune assignation n'est enregistrée : enregistrez d'abord summons_served.",
        "No summons is recorded: record summons_served first.",
    ),
    "no_reply_due": (
        "Ni le médiateur ni un tribunal n'attend de réponse dans ce dossier.",
        "Neither the mediator nor a court awaits a reply in this complaint.",
    ),
    "closed": ("Le dossier est clos.", "The complaint is closed."),
    "not_understood": ("Message non compris : {problem}", "Message not understood: {problem}"),
    "inputs": (
        "Un seul objet JSON était attendu, {count} valeurs sont arrivées.",
        "One JSON object was expected, {count} values came.",
    ),
    "future_at": (
        "`at` est dans le futur : un événement s'enregistre quand il a eu lieu.",
        "`at` lies in the future: an event is recorded once it has happened.",
    ),
    "future_day": (
        "`{field}` est dans le futur : un événement s'enregistre quand il a eu lieu.",
        "`{field}` lies in the future: an event is recorded once it has happened.",
    ),
    "before_receipt": (
        "`at` précède la réception de la réclamation.",
        "`at` lies before the complaint was received.",
    ),
    "same_answer": (
        "Cette même réponse est déjà enregistrée ({event}) : rien n'a été renvoyé.",
        "This same answer is already recorded ({event}): nothing was sent again.",
    ),
    "counsel_only": (
        "Un tribunal est saisi : aucune lettre ne part d'ici. Une réponse déjà partie se note avec sent_by: staff.",
        "A court is seized: no letter leaves from here. An answer that has left is recorded with sent_by: staff.",
    ),
    "estimate_past": (
        "`expected_on` doit laisser au moins un jour ouvré après aujourd'hui.",
        "`expected_on` must leave at least one business day after today.",
    ),
    "estimate_too_far": (
        "`expected_on` dépasse le calendrier connu (jusqu'au {last}).",
        "`expected_on` lies past the known calendar (up to {last}).",
    ),
    "unknown_source": (
        "Source inconnue ; connues : {known}.",
        "Unknown source; known are: {known}.",
    ),
    "not_a_joining_source": (
        "Cette source ne se joint pas ainsi : utilisez mediator_seized ou summons_served.",
        "This source does not join this way: use mediator_seized or summons_served.",
    ),
    "already_written": (
        "La réclamation est déjà écrite ; une date d'envoi se corrige avec details_given.",
        "The complaint is already in writing; a date of sending is corrected with details_given.",
    ),
    "authority": (
        "Réclamation portée par une autorité ({source}) : le client seul ne peut pas la retirer.",
        "Brought by an authority ({source}): the customer alone cannot withdraw it.",
    ),
    "unknown_letter": ("Aucun courrier ne porte cet identifiant.", "No letter bears this id."),
    "never_left": (
        "Ce courrier n'est jamais parti : il sera retenté, ou n'a plus d'objet.",
        "This letter never left: it is tried again, or is no longer called for.",
    ),
    "not_by_post": (
        "Ce courrier n'attend pas d'être posté.",
        "This letter is not waiting to be posted.",
    ),
    "unknown_event": ("Aucun événement ne porte cet identifiant.", "No event bears this id."),
    "not_voidable": (
        "Cet événement ne peut pas être annulé : seul un événement reçu et accepté peut l'être.",
        "This event cannot be voided: only an event received and accepted can be.",
    ),
    "rests_on": (
        "Annulé avec {event}, enregistré par erreur : sans lui, l'événement n'a plus d'objet.",
        "Voided with {event}, recorded in error: without it the event has no object.",
    ),
    "came_in_clear": (
        "Reçu en clair alors que les données sont chiffrées : passez par le codec ou par l'API HTTP.",
        "Received in clear although data are encrypted: use the codec or the HTTP API.",
    ),
    "voided_by": ("Enregistré par erreur ({event}).", "Recorded in error ({event})."),
    # What waits, and what was seen before.
    "waits_for_answer": (
        "En attente : aucune réponse antérieure n'est enregistrée.",
        "Waiting: no answer given before it is recorded.",
    ),
    "waits_for_mediator": (
        "En attente : le médiateur est saisi.",
        "Waiting: the mediator is seized.",
    ),
    "duplicate": ("Déjà enregistré ({event}).", "Already recorded ({event})."),
    # Receipts of `submit`.
    "recorded": ("Enregistré.", "Recorded."),
    "recorded_letter": ("Enregistré. Un courrier part : {letter}.", "Recorded. A letter leaves: {letter}."),
    "recorded_next": (
        "Enregistré. Prochaine échéance : {clock}, le {day}.",
        "Recorded. Next deadline: {clock}, on {day}.",
    ),
    "recorded_closed": ("Enregistré ; le dossier est clos.", "Recorded; the complaint is closed."),
    # Why a clock stopped.
    "handled_by_insurer": ("traité par la compagnie", "handled by the insurer"),
    "dropped_mediation": ("le médiateur est saisi", "the mediator is seized"),
    "dropped_litigation": ("assignation en justice", "summons before a court"),
    "dropped_closed": ("dossier clos", "complaint closed"),
    "dropped_anonymous": ("personne à qui écrire", "nobody to write to"),
    "dropped_round": ("nouveau tour de traitement", "a new round of treatment"),
    "dropped_promise": ("une autre date a été annoncée", "another date was announced"),
    "dropped_help": ("l'aide n'est plus nécessaire", "help is no longer needed"),
    "superseded": ("remplacé", "superseded"),
    # Notices: what a person should know, and do.
    "tell_refused": (
        "Un événement reçu ({event}) a été refusé : {reason}",
        "An event received ({event}) was refused: {reason}",
    ),
    "tell_waiting": (
        "Le client s'est prononcé ({event}) avant toute réponse enregistrée. Si elle est partie, enregistrez "
        "response_given avec sa date.",
        "The customer spoke ({event}) before any recorded answer. If it has left, record response_given with its date.",
    ),
    "tell_breach": (
        "Échéance manquée : {clock}, due le {day}.",
        "Deadline missed: {clock}, due on {day}.",
    ),
    "tell_warning": (
        "Échéance aujourd'hui : {clock}, due le {day}. Aucun courrier automatique ne part.",
        "Deadline today: {clock}, due on {day}. No letter leaves by itself.",
    ),
    "tell_no_estimate": (
        "Le courrier {letter} est parti avec la phrase et la date par défaut ({day}) : donnez une estimation "
        "(estimate_given).",
        "The letter {letter} left with the default sentence and date ({day}): give an estimate (estimate_given).",
    ),
    "tell_letter_failed": (
        "Le courrier {letter} n'a pas pu partir : {problem}",
        "The letter {letter} could not leave: {problem}",
    ),
    "no_address": (
        "ni adresse électronique utilisable, ni adresse postale. Complétez avec details_given.",
        "neither a usable e-mail address nor a postal address. Complete with details_given.",
    ),
    "complained_about": (
        "La réclamation met cette personne en cause : elle ne peut pas en être chargée.",
        "The complaint is about this person, who cannot be put in charge of it.",
    ),
    "nobody_in_charge": ("personne n'est en charge du dossier", "nobody is in charge of the complaint"),
    "tell_bounced": (
        "Le courrier {letter} n'est pas arrivé ({status}).",
        "The letter {letter} did not arrive ({status}).",
    ),
    "tell_lost": (
        "Le courrier {letter} n'a atteint personne : il est renvoyé.",
        "The letter {letter} reached nobody: it is sent again.",
    ),
    "tell_letter_deferred": (
        "Le courrier {letter} n'a pas encore pu partir ({problem}) : il est retenté automatiquement.",
        "The letter {letter} could not leave yet ({problem}): it is tried again automatically.",
    ),
    "tell_turned_to_post": (
        "Le courrier {letter} n'a pas pu partir par courriel dans le délai : il part par la poste, à imprimer.",
        "The letter {letter} could not leave by e-mail in time: it goes by post, to be printed.",
    ),
    "tell_letter_doubtful": (
        "On ne sait pas si le courrier {letter} est parti : le transporteur n'a pas répondu. Vérifiez chez lui, puis "
        "delivery_reported : delivered s'il est parti, lost sinon (il sera renvoyé).",
        "It is not known whether the letter {letter} left: the carrier gave no answer. Look it up there, then "
        "delivery_reported: delivered if it left, lost if not (it is then sent again).",
    ),
    "tell_no_contact": ("Personne n'est en charge : {problem}", "Nobody is in charge: {problem}"),
    "tell_in_charge": (
        "Vous êtes en charge de ce dossier (niveau {level}).",
        "You are in charge of this complaint (level {level}).",
    ),
    "tell_level": (
        "Le dossier passe au niveau {level} ({why}).",
        "The complaint rises to level {level} ({why}).",
    ),
    "tell_restored": (
        "La médiation a pris fin ({outcome}) : le dossier revient au niveau {level}, avec ses échéances d'origine.",
        "The mediation ended ({outcome}): the complaint returns to level {level}, with its first due dates.",
    ),
    "tell_source_closed": (
        "La source {source} n'existe plus depuis le {day}. Le dossier s'ouvre quand même au niveau {level}.",
        "The source {source} no longer exists since {day}. The complaint opens all the same at level {level}.",
    ),
    "tell_missing": (
        "Le dossier est incomplet ({fields}) : demandé au client ; les délais courent.",
        "The file is incomplete ({fields}): asked of the customer; the clocks run.",
    ),
    "tell_no_mandate": (
        "Le représentant n'a pas justifié de mandat : on écrit au réclamant, demandez le mandat.",
        "The representative has shown no mandate: the complainant is written to, ask for the mandate.",
    ),
    "tell_anonymous": (
        "Réclamation anonyme : la réponse se dépose sur la plateforme.",
        "Anonymous complaint: the answer is filed on the platform.",
    ),
    "tell_answer_platform": (
        "Réclamation anonyme : déposez la réponse sur la plateforme.",
        "Anonymous complaint: file the answer on the platform.",
    ),
    "tell_partner_unreachable": (
        "L'autre Partie n'a pas pu être jointe : {problem}",
        "The other Party could not be reached: {problem}",
    ),
    "tell_webhook_refused": (
        "L'autre Partie a été jointe par courriel : {problem}",
        "The other Party was written to by e-mail: {problem}",
    ),
    "tell_partner_answered": (
        "L'autre Partie a répondu à notre demande d'aide.",
        "The other Party answered our request for help.",
    ),
    "tell_mediator": (
        "Le médiateur est saisi : notre réponse est attendue le {day} au plus tard ; puis reply_filed.",
        "The mediator is seized: our reply is expected by {day}; then reply_filed.",
    ),
    "tell_summons": (
        "Assignation : constituer avocat avant le {day} ; déclarer à l'assureur de responsabilité. Plus aucun courrier "
        "automatique ne part.",
        "Summons: counsel must appear by {day}; declare it to the liability insurer. No letter leaves by itself any "
        "more.",
    ),
    "tell_calendar": (
        "Le calendrier connu s'arrête au {last} : prolongez-le, puis calendar_changed.",
        "The known calendar ends on {last}: extend it, then calendar_changed.",
    ),
    "tell_exhausted": (
        "Second refus du client : plus de niveau interne, le médiateur lui est indiqué.",
        "The customer rejects again: no further internal level, the mediator is named to them.",
    ),
    "tell_round": (
        "Le client refuse la réponse : un nouveau tour s'ouvre au niveau {level}.",
        "The customer rejects the answer: a new round opens at level {level}.",
    ),
    # What is asked of, and said to, the other Party.
    "ask_help": (
        "Votre aide est demandée pour traiter une réclamation de niveau {level}.",
        "Your help is asked for in handling a level {level} complaint.",
    ),
    "remind_help": (
        "Rappel : notre demande d'aide attend votre réponse.",
        "Reminder: our request for help awaits your answer.",
    ),
    "insist_help": (
        "Notre demande d'aide est restée sans réponse dans le délai convenu.",
        "Our request for help was not answered within the agreed time.",
    ),
    "take_back_help": (
        "Notre demande d'aide n'a plus d'objet.",
        "Our request for help is no longer needed.",
    ),
    "hand_over": (
        "Cette réclamation de niveau {level} vous revient : le dossier vous est transmis en entier.",
        "This level {level} complaint is yours to handle: the whole dossier is handed over to you.",
    ),
    "inform_party": (
        "Pour information : la réclamation est au niveau {level}.",
        "For your information: the complaint stands at level {level}.",
    ),
    "warn_party": (
        "Échéance aujourd'hui : {clock}, due le {day}.",
        "Deadline today: {clock}, due on {day}.",
    ),
    # Why a complaint stands at its level (the published table).
    "why_1": ("reçue directement, sans relever d'un niveau supérieur", "received directly, no higher level applies"),
    "why_2a": ("fait suite à une première réponse", "follows a first answer"),
    "why_2b": ("réclamation sensible : {source}", "sensitive source: {source}"),
    "why_3": ("vient du médiateur", "comes from the mediator"),
    "why_4": ("assignation en justice", "summons before a court"),
    # What a person should do next.
    "do_letter_failed": (
        "Un courrier n'a pas pu partir : lisez pourquoi dans le journal et complétez (details_given).",
        "A letter could not leave: read why in the journal and complete the file (details_given).",
    ),
    "do_letter_doubtful": (
        "Un courrier est peut-être parti : vérifiez chez le transporteur, puis delivery_reported (delivered ou lost).",
        "A letter may have left: look it up at the carrier, then delivery_reported (delivered or lost).",
    ),
    "do_letter_waiting": (
        "Un courrier attend que le service d'envoi revienne : rien à faire, sauf si l'heure presse.",
        "A letter waits for the e-mail service to come back: nothing to do unless time presses.",
    ),
    "do_letter_undelivered": (
        "Le dernier courrier n'est pas arrivé : vérifiez l'adresse (details_given).",
        "The last letter did not arrive: check the address (details_given).",
    ),
    "do_event_refused": (
        "Un événement a été refusé : renvoyez-le corrigé, ou dites que c'est vu (note_added).",
        "An event was refused: send it again corrected, or say that it was seen (note_added).",
    ),
    "do_no_contact": (
        "Personne ne peut prendre le dossier en charge : désignez quelqu'un (contact_reassigned).",
        "Nobody can take charge: name somebody (contact_reassigned).",
    ),
    "do_partner_unreachable": (
        "L'autre Partie n'a pas pu être jointe : complétez la compagnie (details_given).",
        "The other Party could not be reached: complete the insurer (details_given).",
    ),
    "do_calendar_exhausted": (
        "Prolongez le calendrier de la firme, puis calendar_changed.",
        "Extend the firm's calendar, then calendar_changed.",
    ),
    "do_post": (
        "Postez {letter} aujourd'hui et confirmez (delivery_reported, posted).",
        "Post {letter} today and confirm it (delivery_reported, posted).",
    ),
    "do_estimate": (
        "Avant le {day} : donnez la date prévue et la situation (estimate_given).",
        "Before {day}: give the expected date and the situation (estimate_given).",
    ),
    "do_answer_by": (
        "Réponse écrite due le {day} au plus tard (results_known puis response_given).",
        "Written answer due by {day} (results_known, then response_given).",
    ),
    "do_answer": (
        "Donnez la réponse (results_known puis response_given).",
        "Give the answer (results_known, then response_given).",
    ),
    "do_writing": (
        "À l'arrivée de la réclamation écrite : written_complaint_received.",
        "When the written complaint arrives: written_complaint_received.",
    ),
    "do_release": (
        "Libérez la lettre de résolution avant le {day} (response_given).",
        "Release the resolution letter by {day} (response_given).",
    ),
    "do_follow_insurer": (
        "La compagnie traite : suivez le dossier, enregistrez sa réponse (response_given, sent_by: staff).",
        "The insurer handles it: follow it, record its answer (response_given, sent_by: staff).",
    ),
    "do_nothing_until": (
        "Rien : le dossier se clôt après le {day}, sauf si le client se manifeste.",
        "Nothing: the complaint closes after {day} unless the customer speaks.",
    ),
    "do_reply_mediator": (
        "Répondez au médiateur avant le {day}, puis reply_filed.",
        "Reply to the mediator by {day}, then reply_filed.",
    ),
    "do_mediation_end": (
        "À la fin de la médiation : mediation_ended.",
        "When the mediation is over: mediation_ended.",
    ),
    "do_appear": (
        "Constituez avocat avant le {day}, puis reply_filed.",
        "Counsel must appear by {day}, then reply_filed.",
    ),
    "do_litigation_end": (
        "À la fin de l'instance : litigation_ended.",
        "When the proceedings are over: litigation_ended.",
    ),
    # Headings of the story in the Temporal UI.
    "story_level": ("Niveau {level}", "Level {level}"),
    "story_round": ("tour {round}", "round {round}"),
    "story_led": ("traité par {party}", "handled by {party}"),
    "story_helped": ("aide : {party}", "helped by {party}"),
    "story_contact": ("en charge : {contact}", "in charge: {contact}"),
    "story_nobody": ("personne", "nobody"),
    "story_next": ("À faire", "To do"),
    "story_clocks": (
        "| échéance | due le | état | attend |\n|---|---|---|---|",
        "| clock | due on | state | waits for |\n|---|---|---|---|",
    ),
    "story_journal": ("Derniers événements", "Last events"),
    "story_refused": ("Refusés : {count}", "Refused: {count}"),
    "party:broker": ("le courtier", "the broker"),
    "party:insurer": ("la compagnie", "the insurer"),
    "stage:investigating": ("en cours d'examen", "investigating"),
    "stage:results_known": ("résultats connus", "results known"),
    "stage:answered": ("répondue", "answered"),
    "stage:mediation": ("en médiation", "in mediation"),
    "stage:litigation": ("en justice", "in litigation"),
    "stage:closed": ("close", "closed"),
    "state:running": ("en cours", "running"),
    "state:kept": ("tenue", "kept"),
    "state:breached": ("manquée", "breached"),
    "state:dropped": ("sans objet", "dropped"),
    "waits_letter": ("le courrier part le {instant}", "the letter leaves on {instant}"),
    "waits_warning": ("alerte le {instant}", "warning on {instant}"),
    "waits_end": ("fin le {instant}", "ends on {instant}"),
    # Names of clocks, in prose.
    "clock:acknowledgement": ("accusé de réception", "acknowledgement"),
    "clock:holding_letter": ("lettre d'attente", "holding letter"),
    "clock:status_letter": ("point de situation", "status letter"),
    "clock:promised_date": ("date annoncée au client", "date announced to the customer"),
    "clock:resolution_letter": (
        "lettre de résolution",
        "resolution letter",
    ),
    "clock:final_answer": ("réponse écrite", "written answer"),
    "clock:mediation_window": ("saisine du médiateur possible", "right to the mediator"),
    "clock:partner_help": ("réponse de l'autre Partie", "answer of the other Party"),
    "clock:mediator_reply": ("réponse au médiateur", "reply to the mediator"),
    "clock:court_appearance": ("constitution d'avocat", "appearance before the court"),
    # Names of letters, in prose.
    "letter:resolution": ("lettre de résolution", "resolution letter"),
    "letter:withdrawal": ("confirmation du retrait", "confirmation of the withdrawal"),
    "letter:exhausted": ("voies internes épuisées, médiateur", "no further internal level: the mediator"),
    "letter:transfer": ("transmission à l'autre Partie", "transfer to the other Party"),
    "letter:status": ("point de situation", "status letter"),
    "letter:two_months": ("information à deux mois", "two-months letter"),
    "letter:progress": ("lettre de suivi", "progress letter"),
    "letter:holding": ("lettre d'attente", "holding letter"),
    "letter:written_invitation": ("invitation à écrire", "invitation to write"),
    "letter:acknowledgement": ("accusé de réception", "acknowledgement"),
    "letter:contact_change": ("changement d'interlocuteur", "change of contact"),
}


def say(language: Language, code: str, **values: object) -> str:
    """Say the sentence `code` in `language`."""
    french, english = _SENTENCES[code]
    return (french if language is _FR else english).format(**values)


def letter_in_words(language: Language, kind: str) -> str:
    """Name a letter in prose."""
    return say(language, f"letter:{kind}")


def clock_in_words(language: Language, clock: str) -> str:
    """Name a clock in prose."""
    return say(language, f"clock:{clock}")
